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

// What the benchmarks share: the thread's memory is filled to a level, and body(places, random) is
// measured.
template <Memory M, class Body>
void measure_body(M& memory, const Plan& plan, const Work& work, uint32_t thread, Body body) {
    Random random(plan.seed, thread);
    Places places(plan, work, thread);
    places.fill(memory, percent_of(plan.frames_of_thread(), plan.fill), plan.orders, random);
    pause(memory);
    memory.measure(true);
    body(places, random);
    memory.measure(false);
    pause(memory);
}

// The same where the body is rounds: `frames` are allocated, round(places, random, before) does
// what it does, and all but the first `before` blocks are freed.
template <Memory M, class Round>
void measure_rounds(M& memory, const Plan& plan, const Work& work, uint32_t thread, uint32_t frames,
                    Round round) {
    measure_body(memory, plan, work, thread, [&](Places& places, Random& random) {
        const uint32_t before = places.size();
        for (uint32_t i = 0; i < plan.rounds; ++i) {
            places.fill(memory, frames, plan.orders, random);
            round(places, random, before);
            places.free_down_to(memory, before);
            (void)memory.together();
        }
    });
}

// Half of what is left above the level.
inline uint32_t half_of_rest(const Plan& plan) {
    return (plan.frames_of_thread() - percent_of(plan.frames_of_thread(), plan.fill)) / 2;
}

// Half of the memory is allocated at once, then freed, the newest block first.
template <Memory M>
void bulk(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    measure_rounds(memory, plan, work, thread, half_of_rest(plan),
                   [&](Places&, Random&, uint32_t) { (void)memory.together(); });
}

// One block is allocated and freed again and again. A round is as many pairs as bulk has blocks.
template <Memory M>
void repeat(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    const uint64_t frames = uint64_t{half_of_rest(plan)} * plan.rounds;
    measure_body(memory, plan, work, thread, [&](Places& places, Random& random) {
        const uint32_t place = places.size();
        for (uint64_t done = 0; place < plan.frames_of_thread() && done < frames;) {
            const uint32_t order = plan.orders.draw(random);
            places.allocate(memory, place, order);
            places.free(memory, place);
            done += uint64_t{1} << order;
        }
    });
}

// As bulk, but each thread frees blocks that were drawn from those of all threads.
template <Memory M>
void random(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    measure_rounds(memory, plan, work, thread, half_of_rest(plan),
                   [&](Places& places, Random& random, uint32_t before) {
                       places.mix(memory, plan, before, random);
                   });
}

// At a level of filling, a hundredth of the memory is allocated and freed, round by round.
template <Memory M>
void filling(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    measure_rounds(memory, plan, work, thread, plan.frames_of_thread() / 100,
                   [](Places&, Random&, uint32_t) {});
}

}  // namespace ageing
