// SPDX-License-Identifier: Apache-2.0
// What a recipe is given, and what it asks of memory.
//
// A recipe is a function that every thread of a run calls with its own Memory. Blocks live in
// numbered slots; the operations that a recipe asks for follow from its plan alone, never from what
// came of earlier ones, so that every allocator is asked for the same. An allocation that fails
// leaves its slot empty, and the free that belongs to it is refused likewise.
#pragma once

#include <stdint.h>

#include <atomic>
#include <concepts>

#include "user/lib/ageing/random.hpp"

namespace ageing {

constexpr unsigned most_threads = 8;
constexpr unsigned most_orders = 11;

enum class Mobility : uint32_t { Movable = 0, Unmovable = 1 };

// Block orders to draw from. Each order gets the same share of the frames.
struct Orders {
    uint8_t order[most_orders] = {};
    uint32_t count = 1;

    constexpr uint32_t draw(Random& random) const {
        if (count == 1) return order[0];
        uint32_t weights = 0;
        for (uint32_t i = 0; i < count; ++i) weights += weight(i);
        uint32_t at = random.below(weights);
        uint32_t i = 0;
        while (at >= weight(i)) at -= weight(i++);
        return order[i];
    }
    constexpr uint32_t smallest() const {
        uint32_t found = order[0];
        for (uint32_t i = 1; i < count; ++i) found = order[i] < found ? order[i] : found;
        return found;
    }

  private:
    constexpr uint32_t weight(uint32_t i) const { return 1U << (most_orders - order[i]); }
};

struct Plan {
    uint64_t seed = 0;
    uint32_t threads = 1;
    uint32_t frames = 0;  // of the memory that the run plays in
    uint32_t fill = 50;   // percent of them that are held throughout
    uint32_t rounds = 1;  // what a round is depends on the recipe
    Orders orders;
    const uint32_t* trace = nullptr;  // of replay.hpp
    uint32_t trace_length = 0;

    constexpr uint32_t frames_of_thread() const { return frames / threads; }
};

constexpr uint32_t percent_of(uint32_t frames, uint32_t percent) {
    return static_cast<uint32_t>(uint64_t{frames} * percent / 100);
}

// Arrays that all threads of a run share; each thread has slots of its own to begin with.
struct Work {
    uint32_t* slots;    // places: which slot is there
    uint8_t* orders;    // by slot
    uint32_t capacity;  // of both; at least plan.frames
    uint32_t* counts;   // by thread: what others may want to know of it

    constexpr uint32_t first_of(const Plan& plan, uint32_t thread) const {
        return thread * plan.frames_of_thread();
    }
};

// What a thread asks for. An implementation may put operations off until settle().
template <class M>
concept Memory = requires(M memory, uint32_t number, Mobility mobility, bool on,
                          const std::atomic_ref<uint32_t>& value) {
    memory.allocate(number, number, mobility);  // slot, order
    memory.free(number, number);                // slot, order
    memory.settle();                            // everything asked for has been done
    // Waits for all threads of the run, settled; true for thread 0. What every thread did before
    // can be seen by all.
    { memory.together() } -> std::same_as<bool>;
    memory.wait_for(value, number);  // until it has this value
    memory.measure(on);              // whether operations from here on count for the results
    // Notes how memory is now. Called by thread 0 between two together().
    memory.look();
};

// Of the places [from, to) of all threads, each gets a slot drawn from all of them. Called by one
// thread between two together().
inline void shuffle(const Plan& plan, const Work& work, uint32_t from, uint32_t to,
                    Random& random) {
    if (to <= from) return;
    const uint32_t each = to - from;
    const auto place = [&](uint32_t i) -> uint32_t& {
        return work.slots[work.first_of(plan, i / each) + from + i % each];
    };
    for (uint32_t i = each * plan.threads; i > 1; --i) {
        uint32_t& one = place(i - 1);
        uint32_t& other = place(random.below(i));
        const uint32_t slot = one;
        one = other;
        other = slot;
    }
}

// All threads have come so far, and memory is looked at meanwhile.
template <Memory M>
void pause(M& memory) {
    if (memory.together()) memory.look();
    (void)memory.together();
}

// The places of a thread in Work, filled from the front.
class Places final {
  public:
    Places(const Plan& plan, const Work& work, uint32_t thread)
        : work_(work),
          thread_(thread),
          first_(work.first_of(plan, thread)),
          most_(plan.frames_of_thread()) {
        for (uint32_t i = 0; i < most_; ++i) work_.slots[first_ + i] = first_ + i;
    }

    uint32_t size() const { return size_; }

    // Allocates this many frames in blocks of the plan's orders, as far as they fit.
    template <Memory M>
    void fill(M& memory, uint32_t frames, const Orders& orders, Random& random) {
        const uint32_t smallest = orders.smallest();
        while (frames >> smallest != 0 && size_ < most_) {
            uint32_t order = orders.draw(random);
            if (frames >> order == 0) order = smallest;
            allocate(memory, size_++, order);
            frames -= 1U << order;
        }
    }
    // Frees the block of a place and allocates another one of its order.
    template <Memory M>
    void renew(M& memory, uint32_t place) {
        free(memory, place);
        allocate(memory, place, work_.orders[work_.slots[first_ + place]]);
    }
    template <Memory M>
    void allocate(M& memory, uint32_t place, uint32_t order) {
        const uint32_t slot = work_.slots[first_ + place];
        work_.orders[slot] = static_cast<uint8_t>(order);
        memory.allocate(slot, order, Mobility::Movable);
    }
    template <Memory M>
    void free(M& memory, uint32_t place) {
        const uint32_t slot = work_.slots[first_ + place];
        memory.free(slot, work_.orders[slot]);
    }
    // Frees what was allocated after there were `size` blocks, the newest first.
    template <Memory M>
    void free_down_to(M& memory, uint32_t size) {
        while (size_ > size) free(memory, --size_);
    }
    // Mixes the blocks from `from` on with those of all threads, as far as every thread has some.
    template <Memory M>
    void mix(M& memory, const Plan& plan, uint32_t from, Random& random) {
        work_.counts[thread_] = size_;
        if (memory.together()) {
            uint32_t common = size_;
            for (uint32_t other = 0; other < plan.threads; ++other) {
                common = work_.counts[other] < common ? work_.counts[other] : common;
            }
            shuffle(plan, work_, from, common, random);
        }
        (void)memory.together();
    }

  private:
    Work work_;
    uint32_t thread_;
    uint32_t first_;
    uint32_t most_;
    uint32_t size_ = 0;
};

}  // namespace ageing
