// SPDX-License-Identifier: Apache-2.0
// Containers against a simple model: random operations on a tree, and all of what the tree says
// compared with what the model has. A second test does the same with a whole kernel and its tasks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/kernel/container/container_bench.hpp"

namespace kernel {
namespace {

using State = abi::ContainerState;
using Limit = abi::ContainerLimit;

// A container as anybody would write it down: what is directly in it, and sums when asked.
struct Model {
    uint64_t parent = 0;
    std::string name;
    State state = State::Creating;
    bool ending = false;
    bool paused = false;
    uint64_t pids = 0;
    uint64_t live = 1;
    uint64_t frames = 0;
    uint64_t pids_max = abi::unlimited;
    uint64_t frames_max = abi::unlimited;
    uint64_t descendants_max = abi::unlimited;
};

struct ModelOfAll {
    std::map<uint64_t, Model> all;

    [[nodiscard]] bool contains(uint64_t above, uint64_t id) const {
        while (id != 0 && id != above) id = all.at(id).parent;
        return id == above;
    }
    template <class Value>
    [[nodiscard]] uint64_t sum(uint64_t id, Value value) const {
        uint64_t result = 0;
        for (const auto& [other, each] : all) result += contains(id, other) ? value(each) : 0;
        return result;
    }
    [[nodiscard]] uint64_t pids(uint64_t id) const {
        return sum(id, [](const Model& each) { return each.pids; });
    }
    [[nodiscard]] uint64_t live(uint64_t id) const {
        return sum(id, [](const Model& each) { return each.live; });
    }
    [[nodiscard]] uint64_t frames(uint64_t id) const {
        return sum(id, [](const Model& each) { return each.frames; });
    }
    [[nodiscard]] uint64_t descendants(uint64_t id) const {
        return sum(id, [](const Model&) { return uint64_t{1}; }) - 1;
    }
    [[nodiscard]] unsigned depth(uint64_t id) const {
        unsigned depth = 0;
        for (; all.at(id).parent != 0; id = all.at(id).parent) ++depth;
        return depth;
    }
    [[nodiscard]] bool is_paused(uint64_t id) const {
        for (; id != 0; id = all.at(id).parent) {
            if (all.at(id).paused) return true;
        }
        return false;
    }
    template <class Full>
    [[nodiscard]] bool any_above(uint64_t id, Full full) const {
        for (; id != 0; id = all.at(id).parent) {
            if (full(id, all.at(id))) return true;
        }
        return false;
    }
    // What ends and has nothing alive is stopped.
    void settle() {
        for (auto& [id, each] : all) {
            if (each.ending && live(id) == 0) each.state = State::Stopped;
        }
    }
};

// The tree alone, inside a kernel that does nothing else.
class TreeTest : public testing::Test {
  public:
    static constexpr uint64_t root = 1;

    void step();
    void compare();

  private:
    uint64_t up_to(uint64_t most) {
        return std::uniform_int_distribution<uint64_t>(0, most)(random_);
    }
    uint64_t any() {
        auto at = model_.all.begin();
        std::advance(at, static_cast<long>(up_to(model_.all.size() - 1)));
        return at->first;
    }
    Containers& tree() { return kernel().containers; }
    void create();
    void change_state(uint64_t id);
    void remove(uint64_t id);
    void charge_pid(uint64_t id);
    void charge_frames(uint64_t id);
    void set_limit(uint64_t id);

    RunningKernel kernel_;
    std::mt19937_64 random_{5};
    ModelOfAll model_{{{root, Model{.name = "root", .state = State::Running, .pids = 1}}}};
};

void TreeTest::create() {
    const uint64_t parent = any();
    const std::string name = "c" + std::to_string(up_to(40));
    const Result<Container*> made = tree().create(*tree().find(parent), name, {});
    bool taken = false;
    for (const auto& [id, each] : model_.all) {
        taken = taken || (each.parent == parent && each.name == name);
    }
    const bool full = model_.all.size() == abi::max_containers ||
                      model_.any_above(parent, [this](uint64_t id, const Model& each) {
                          return model_.descendants(id) >= each.descendants_max;
                      });
    Status wanted = Status::Ok;
    if (model_.depth(parent) + 1 >= abi::max_container_depth || full) wanted = Status::LimitReached;
    if (model_.all.at(parent).ending || taken) wanted = Status::Busy;
    ASSERT_EQ(made.status(), wanted);
    if (made.ok()) model_.all[made.value()->id] = Model{.parent = parent, .name = name};
}

void TreeTest::change_state(uint64_t id) {
    Container& container = *tree().find(id);
    Model& model = model_.all.at(id);
    if (model.state == State::Creating) {
        tree().created(container);
        model.state = State::Created;
        --model.live;
    } else if (model.state == State::Created && up_to(1) == 0) {
        if (model.ending) return;
        tree().started(container, 7);
        model.state = State::Running;
    } else if (model.state == State::Running && up_to(1) == 0) {
        if (model.paused) {
            tree().resume(container);
        } else {
            tree().pause(container);
        }
        model.paused = !model.paused;
    } else if (up_to(3) == 0) {
        tree().begin_end(container);
        for (auto& [other, each] : model_.all) {
            if (model_.contains(id, other)) each.ending = true;
        }
    }
    model_.settle();
}

void TreeTest::remove(uint64_t id) {
    const Model& model = model_.all.at(id);
    const bool is_empty = model_.descendants(id) == 0 && model.pids == 0 && model.frames == 0;
    if (!is_empty || (model.state != State::Stopped && model.state != State::Creating)) return;
    tree().remove(*tree().find(id));
    model_.all.erase(id);
    model_.settle();
}

void TreeTest::charge_pid(uint64_t id) {
    Model& model = model_.all.at(id);
    Container& container = *tree().find(id);
    if (up_to(1) == 0) {
        const bool full = model_.any_above(id, [this](uint64_t at, const Model& each) {
            return model_.pids(at) >= each.pids_max;
        });
        const Status wanted = full ? Status::LimitReached : Status::Ok;
        if (model.ending) return;
        ASSERT_EQ(tree().charge_pid(container), wanted);
        if (full) return;
        tree().add_live(container);
        ++model.pids;
        ++model.live;
    } else if (model.pids != 0 && model.live != 0 && model.state != State::Creating) {
        tree().remove_live(container);
        tree().discharge_pid(container);
        --model.pids;
        --model.live;
        model_.settle();
    }
}

void TreeTest::charge_frames(uint64_t id) {
    if (id == root) return;
    Model& model = model_.all.at(id);
    MemoryDomain& domain = *tree().find(id)->domain;
    const uint64_t count = up_to(20);
    if (up_to(1) == 0) {
        const bool full = model_.any_above(id, [&](uint64_t at, const Model& each) {
            return at != root && model_.frames(at) + count > each.frames_max;
        });
        ASSERT_EQ(domain.charge(count), full ? Status::LimitReached : Status::Ok);
        if (!full) model.frames += count;
    } else if (model.frames >= count) {
        domain.discharge(count);
        model.frames -= count;
    }
}

void TreeTest::set_limit(uint64_t id) {
    if (id == root) return;
    Model& model = model_.all.at(id);
    const uint64_t value = up_to(3) == 0 ? abi::unlimited : up_to(30);
    Container& container = *tree().find(id);
    switch (up_to(3)) {
        case 0:
            tree().set_limit(container, Limit::PidsMax, value);
            model.pids_max = value;
            break;
        case 1:
            tree().set_limit(container, Limit::MemoryMax,
                             value == abi::unlimited ? value : value * hal::page_size);
            model.frames_max = value;
            break;
        case 2:
            tree().set_limit(container, Limit::DescendantsMax, value);
            model.descendants_max = value;
            break;
        default: tree().set_limit(container, Limit::CpuWeight, 1 + up_to(9'999)); break;
    }
}

void TreeTest::step() {
    const uint64_t id = any();
    switch (up_to(9)) {
        case 0: return create();
        case 1:
            if (id != root) change_state(id);
            return;
        case 2:
            if (id != root) remove(id);
            return;
        case 3: return set_limit(id);
        case 4:
        case 5:
        case 6:
            if (id != root) charge_pid(id);
            return;
        default: return charge_frames(id);
    }
}

void TreeTest::compare() {
    ASSERT_EQ(tree().count(), model_.all.size());
    for (const auto& [id, model] : model_.all) {
        Container* container = tree().find(id);
        ASSERT_NE(container, nullptr);
        ASSERT_EQ(container->state, model.state) << id;
        ASSERT_EQ(container->pids.current, model_.pids(id));
        ASSERT_EQ(container->live, model_.live(id));
        ASSERT_EQ(container->descendants, model_.descendants(id));
        ASSERT_EQ(container->paused != 0, model_.is_paused(id));
        ASSERT_GE(container->effective_weight(), 1U);
        const abi::ContainerInfo& shown = kernel().info.containers[container->slot];
        ASSERT_EQ(shown.id, id);
        ASSERT_EQ(shown.state, model.state);
        ASSERT_EQ(shown.tasks, model_.live(id));
        ASSERT_EQ(shown.pids_current, model_.pids(id));
        if (id == root) continue;
        ASSERT_EQ(container->domain->memory().current(), model_.frames(id));
        ASSERT_GE(container->domain->memory().peak(), model_.frames(id));
        ASSERT_TRUE(tree().find(model.parent)->contains(*container));
        ASSERT_FALSE(container->contains(*tree().find(model.parent)));
    }
}

// ORRERY_CONTAINER_STEPS: how many steps; a million have been run.
uint64_t steps() {
    const char* text = std::getenv("ORRERY_CONTAINER_STEPS");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 20'000;
}

TEST_F(TreeTest, TheTreeIsWhatTheModelSays) {
    const uint64_t count = steps();
    for (uint64_t i = 0; i < count; ++i) {
        ASSERT_NO_FATAL_FAILURE(step()) << "step " << i;
        if (i % 256 == 0) ASSERT_NO_FATAL_FAILURE(compare()) << "step " << i;
    }
    ASSERT_NO_FATAL_FAILURE(compare());
}

// Random calls by whichever task runs, with sums over all tasks checked all the time.
struct KernelModelTest : ContainerTest {
    std::mt19937_64 random{11};

    uint64_t up_to(uint64_t most) {
        return std::uniform_int_distribution<uint64_t>(0, most)(random);
    }
    // A number of a container, or nearly.
    uint64_t some_container() {
        const Container& one =
            kernel().containers.at_slot(static_cast<unsigned>(up_to(abi::max_containers - 1)));
        return up_to(7) == 0 ? up_to(500) : one.id;
    }
    // A name for one, if the running task can have it.
    uint64_t some_name() { return right_to_container(some_container()); }
    uint64_t some_task() {
        const Task* one = kernel().tasks.at_slot(static_cast<uint32_t>(up_to(20)));
        return one != nullptr ? one->id : 0;
    }
    // Like call(), but the caller may have gone when it returns.
    void make(abi::SystemCall what, std::initializer_list<uint64_t> arguments) {
        start_call(what, arguments);
    }
    void step();
    void check();
};

void KernelModelTest::step() {
    // Arguments have to be written somewhere, which a limit may not allow.
    const bool can_write = space().populate(buffer, 1 * hal::page_size) == Status::Ok;
    using Call = abi::SystemCall;
    constexpr uint64_t page = hal::page_size;
    const Limits limits = up_to(1) == 0 ? Limits{}
                                        : Limits{{Limit::PidsMax, 1 + up_to(8)},
                                                 {Limit::MemoryMax, (10 + up_to(60)) * page},
                                                 {Limit::SwapMax, (1 + up_to(10)) * page},
                                                 {Limit::CpuQuota, 1000 + up_to(5000)},
                                                 {Limit::CpuPeriod, 10'000}};
    switch (can_write ? up_to(15) : 2 + up_to(6)) {
        case 0:
        case 1:
            (void)create("c" + std::to_string(up_to(5)), up_to(5) == 0 ? "" : "bin/child", limits,
                         up_to(1) == 0 ? 0 : some_container());
            break;
        case 2:
        case 3: make(Call::ContainerStart, {some_name()}); break;
        case 4:
            if (up_to(3) == 0) make(Call::ContainerKill, {some_name()});
            break;
        case 5:
        case 6: make(Call::ContainerDelete, {some_name()}); break;
        case 7: make(Call::ContainerPause, {some_name()}); break;
        case 8: make(Call::ContainerResume, {some_name()}); break;
        case 9: (void)spawn_in(up_to(1) == 0 ? 0 : some_container()); break;
        case 10:
            if (task().id != init && up_to(3) == 0) exit_task(up_to(3));
            break;
        case 11: make(Call::ContainerSet, {some_name(), up_to(8), up_to(50) * page}); break;
        case 12: make(Call::TaskKill, {right_to_task(some_task())}); break;
        case 13: {
            make(Call::MemoryMap, {(1 + up_to(20)) * page,
                                   abi::ProtectionRead | abi::ProtectionWrite | abi::MapOvercommit |
                                       (up_to(1) == 0 ? abi::MapPopulate : 0U),
                                   0});
            break;
        }
        case 14: make(Call::MemoryObjectCreate, {0, (1 + up_to(5)) * page, 0}); break;
        default:
            make(Call::ThreadYield, {});
            machine.advance(up_to(FakeMachine::frequency / 500));
            machine.raise(FakeMachine::timer_interrupt);
            trap(hal::TrapKind::Interrupt);
            break;
    }
}

void KernelModelTest::check() {
    ASSERT_TRUE(HeldRanks::none());
    Kernel& k = kernel();
    std::map<const Container*, uint64_t> pids;
    std::map<const Container*, uint64_t> live;
    std::map<const Container*, uint64_t> frames;
    for (uint32_t slot = 0; slot < abi::max_tasks; ++slot) {
        Task* each = k.tasks.at_slot(slot);
        if (each == nullptr) continue;
        for (const Container* at = &each->container; at != nullptr; at = at->parent) {
            pids[at] += std::max<size_t>(each->threads.size(), 1);
            live[at] += each->state != TaskState::Ended ? 1 : 0;
            frames[at] += each->space.frames_owned();
        }
    }
    for (unsigned slot = 0; slot < abi::max_containers; ++slot) {
        const Container& each = k.containers.at_slot(slot);
        if (each.id == 0) continue;
        ASSERT_EQ(each.pids.current, pids[&each]) << each.name;
        ASSERT_EQ(each.live, live[&each]) << each.name;
        if (each.is_root()) continue;
        // Objects that several tasks may have are charged beside.
        ASSERT_GE(each.domain->memory().current(), frames[&each]) << each.name;
        if (each.state == State::Stopped) ASSERT_EQ(each.live, 0U);
        const uint32_t active = each.activity.running + each.activity.waiting;
        ASSERT_EQ(each.activity.running, each.contains(task().container) ? 1U : 0U) << each.name;
        ASSERT_GE(active, each.own_active);
    }
}

TEST_F(KernelModelTest, RandomCallsLeaveSumsThatAgreeAndNothingBehind) {
    const uint64_t count = steps() / 20;
    for (uint64_t i = 0; i < count; ++i) {
        ASSERT_NO_FATAL_FAILURE(step()) << "step " << i;
        ASSERT_NO_FATAL_FAILURE(check()) << "step " << i;
    }
    // In the end, init ends all of it.
    for (unsigned slot = 0; slot < abi::max_containers; ++slot) {
        const Container& each = kernel().containers.at_slot(slot);
        if (each.parent != &kernel().containers.root()) continue;
        const uint32_t id = each.id;
        if (task().id != init) run_task(init);
        if (each.state != State::Stopped) EXPECT_EQ(kill(id), Status::Ok);
        EXPECT_EQ(state(id), State::Stopped);
        EXPECT_EQ(remove(id), Status::Ok);
    }
    // Tasks whose parent has gone are nobody's to kill: they end by themselves.
    for (uint32_t slot = 0; slot < abi::max_tasks; ++slot) {
        const Task* each = kernel().tasks.at_slot(slot);
        if (each == nullptr || each->id == init) continue;
        const uint64_t id = each->id;
        if (each->state == TaskState::Alive) {
            run_task(id);
            exit_task();
        }
        run_task(init);
        // One whose parent is another task goes with that.
        const abi::TaskInfo* info = info_of(id);
        if (info == nullptr || info->parent != init) continue;
        EXPECT_EQ(call(abi::SystemCall::TaskWait, {right_to_task(id), buffer}), 0U);
    }
    close_rights();
    frames_free = kernel().frames.free_frames();  // init has mapped memory of its own meanwhile
}

}  // namespace
}  // namespace kernel
