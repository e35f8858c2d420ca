// SPDX-License-Identifier: Apache-2.0
// The benchmarks of LLFree (Wrenger et al., "LLFree: Scalable and Optionally-Persistent Page-Frame
// Allocation", USENIX ATC 2023), after eval/src/bin/bench.rs of luhsra/llfree-rs.
//
// Theirs work on an empty memory of which each thread takes its share of one half: that is fill 0
// for bulk and random, fill 50 for repeat. Here other levels can be asked for: the memory is first
// filled to that level, and bulk and random work on half of what is left. A round is one repetition
// of the measured part; theirs has 2^order of them.
#pragma once

#include "user/lib/ageing/recipe.hpp"

namespace ageing {

// Half of the memory is allocated at once, then freed, the newest block first.
template <Memory M>
void bulk(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    Random random(plan.seed, thread);
    Places places(plan, work, thread);
    const uint32_t kept = percent_of(plan.frames_of_thread(), plan.fill);
    places.fill(memory, kept, plan.orders, random);
    const uint32_t before = places.size();
    pause(memory);
    memory.measure(true);
    for (uint32_t round = 0; round < plan.rounds; ++round) {
        places.fill(memory, (plan.frames_of_thread() - kept) / 2, plan.orders, random);
        (void)memory.together();
        places.free_down_to(memory, before);
        (void)memory.together();
    }
    memory.measure(false);
    pause(memory);
}

// One block is allocated and freed again and again. A round is as many pairs as bulk has blocks.
template <Memory M>
void repeat(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    Random random(plan.seed, thread);
    Places places(plan, work, thread);
    const uint32_t kept = percent_of(plan.frames_of_thread(), plan.fill);
    places.fill(memory, kept, plan.orders, random);
    pause(memory);
    memory.measure(true);
    const uint32_t place = places.size();
    const uint64_t frames = uint64_t{plan.frames_of_thread() - kept} / 2 * plan.rounds;
    for (uint64_t done = 0; place < plan.frames_of_thread() && done < frames;) {
        const uint32_t order = plan.orders.draw(random);
        places.allocate(memory, place, order);
        places.free(memory, place);
        done += uint64_t{1} << order;
    }
    memory.measure(false);
    pause(memory);
}

// As bulk, but each thread frees blocks that were drawn from those of all threads.
template <Memory M>
void random(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    Random random(plan.seed, thread);
    Places places(plan, work, thread);
    const uint32_t kept = percent_of(plan.frames_of_thread(), plan.fill);
    places.fill(memory, kept, plan.orders, random);
    const uint32_t before = places.size();
    pause(memory);
    memory.measure(true);
    for (uint32_t round = 0; round < plan.rounds; ++round) {
        places.fill(memory, (plan.frames_of_thread() - kept) / 2, plan.orders, random);
        places.mix(memory, plan, before, random);
        places.free_down_to(memory, before);
        (void)memory.together();
    }
    memory.measure(false);
    pause(memory);
}

// At a level of filling, a hundredth of the memory is allocated and freed, round by round.
template <Memory M>
void filling(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    Random random(plan.seed, thread);
    Places places(plan, work, thread);
    places.fill(memory, percent_of(plan.frames_of_thread(), plan.fill), plan.orders, random);
    const uint32_t before = places.size();
    pause(memory);
    memory.measure(true);
    for (uint32_t round = 0; round < plan.rounds; ++round) {
        places.fill(memory, plan.frames_of_thread() / 100, plan.orders, random);
        places.free_down_to(memory, before);
        (void)memory.together();
    }
    memory.measure(false);
    pause(memory);
}

}  // namespace ageing
