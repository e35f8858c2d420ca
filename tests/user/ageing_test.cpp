// SPDX-License-Identifier: Apache-2.0
// Recipes that age memory: the same operations for the same seed, every free of something held, and
// never more than the plan allows.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "user/lib/ageing/recipes.hpp"

namespace {

using ageing::Mobility;

// Memory of one thread that writes down what it is asked for.
class Notes final {
  public:
    void allocate(uint32_t slot, uint32_t order, Mobility) {
        EXPECT_TRUE(held.emplace(slot, order).second) << slot;
        frames += 1U << order;
        most = frames > most ? frames : most;
        asked.push_back(slot << 8 | order);
    }
    void free(uint32_t slot, uint32_t order) {
        const auto found = held.find(slot);
        ASSERT_NE(found, held.end()) << slot;
        EXPECT_EQ(found->second, order);
        held.erase(found);
        frames -= 1U << order;
        asked.push_back(slot << 8 | order | 0x80);
    }
    void settle() {}
    bool together() { return true; }
    void wait_for(const std::atomic_ref<uint32_t>&, uint32_t) {}
    void measure(bool on) {
        EXPECT_NE(on, measured);
        measured = on;
    }
    void look() { levels.push_back(frames); }

    std::map<uint32_t, uint32_t> held;
    std::vector<uint32_t> asked;
    std::vector<uint32_t> levels;
    uint32_t frames = 0;
    uint32_t most = 0;
    bool measured = false;
};

Notes run(std::string_view recipe, const ageing::Plan& plan) {
    std::vector<uint32_t> slots(plan.frames);
    std::vector<uint8_t> orders(plan.frames);
    uint32_t counts[ageing::most_threads] = {};
    Notes notes;
    ageing::find_recipe<Notes>(recipe)->run(notes, plan,
                                            {slots.data(), orders.data(), plan.frames, counts}, 0);
    return notes;
}

ageing::Plan plan_of(uint32_t fill, std::initializer_list<uint8_t> orders, uint64_t seed = 1) {
    ageing::Plan plan;
    plan.seed = seed;
    plan.frames = 8192;
    plan.fill = fill;
    plan.rounds = 5;
    plan.orders.count = 0;
    for (const uint8_t order : orders) plan.orders.order[plan.orders.count++] = order;
    return plan;
}

TEST(Ageing, EveryRecipeStaysWithinItsPlanAndRepeats) {
    for (const std::string recipe :
         {"bulk", "repeat", "random", "filling", "fragmentation", "apps"}) {
        for (const uint32_t fill : {0U, 50U, 90U, 99U}) {
            for (const auto& orders : {plan_of(fill, {0}), plan_of(fill, {0, 4, 9})}) {
                const Notes notes = run(recipe, orders);
                EXPECT_LE(notes.most, orders.frames) << recipe << fill;
                EXPECT_FALSE(notes.measured) << recipe;
                EXPECT_EQ(notes.asked, run(recipe, orders).asked) << recipe;
            }
        }
    }
}

TEST(Ageing, SeedsDiffer) {
    EXPECT_NE(run("fragmentation", plan_of(50, {0}, 1)).asked,
              run("fragmentation", plan_of(50, {0}, 2)).asked);
}

TEST(Ageing, FragmentationKeepsItsLevel) {
    const Notes notes = run("fragmentation", plan_of(50, {0}));
    EXPECT_EQ(notes.most, 8192U);
    EXPECT_EQ(notes.levels, std::vector<uint32_t>(6, 4096));
}

TEST(Ageing, ATraceIsReplayedInItsOrder) {
    // Slot 5 of order 2, unmovable, on CPU 3; then its free on CPU 1.
    const uint32_t words[] = {5U | 2U << 18 | 1U << 22 | 3U << 24,
                              5U | 2U << 18 | 1U << 23 | 1U << 24};
    ageing::Plan plan = plan_of(0, {0});
    plan.trace = words;
    plan.trace_length = 2;
    const Notes notes = run("replay", plan);
    EXPECT_EQ(notes.asked, (std::vector<uint32_t>{5 << 8 | 2, 5 << 8 | 2 | 0x80}));
}

}  // namespace
