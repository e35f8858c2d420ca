// SPDX-License-Identifier: Apache-2.0
// LLFree's fragmentation recipe (Wrenger et al., USENIX ATC 2023; bench/src/bin/frag.rs of
// luhsra/llfree-rs): all of the memory is allocated, half of it is freed at random, then a tenth of
// the rest is given back and allocated anew, again and again: a hundred times theirs. How much
// stays is the plan's fill. Memory is looked at after each round; the rounds are what is measured.
#pragma once

#include "user/lib/ageing/recipe.hpp"

namespace ageing {

template <Memory M>
void fragmentation(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    Random random(plan.seed, thread);
    Places places(plan, work, thread);
    places.fill(memory, plan.frames_of_thread(), plan.orders, random);
    places.mix(memory, plan, 0, random);
    places.free_down_to(memory, percent_of(places.size(), plan.fill));
    pause(memory);
    for (uint32_t round = 0; round < plan.rounds; ++round) {
        memory.measure(true);
        for (uint32_t i = 0; i < places.size() / 10; ++i) {
            places.renew(memory, random.below(places.size()));
        }
        memory.measure(false);
        pause(memory);
    }
}

}  // namespace ageing
