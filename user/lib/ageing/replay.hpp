// SPDX-License-Identifier: Apache-2.0
// A recorded trace, operation by operation in its order, each on a thread for the CPU that it was
// recorded on. Threads take turns, so that what comes out does not depend on who is faster.
//
// An operation is one word: slot in bits 0 to 17, order 18 to 21, unmovable 22, free 23, CPU 24 to
// 26. orrery/allocation_trace.py makes them of a recording (docs/allocation-traces.md).
#pragma once

#include <atomic>

#include "user/lib/ageing/recipe.hpp"

namespace ageing {

struct TraceOperation {
    uint32_t word;

    constexpr uint32_t slot() const { return word & 0x3'ffff; }
    constexpr uint32_t order() const { return word >> 18 & 0xf; }
    constexpr Mobility mobility() const {
        return (word >> 22 & 1) != 0 ? Mobility::Unmovable : Mobility::Movable;
    }
    constexpr bool frees() const { return (word >> 23 & 1) != 0; }
    constexpr uint32_t cpu() const { return word >> 24 & 7; }
};

// Memory is looked at so often.
constexpr uint32_t replay_looks = 32;

template <Memory M>
void replay(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    // Whose turn it is: the number of the next operation. In the counts that all share.
    const std::atomic_ref<uint32_t> next(work.counts[0]);
    if (thread == 0) next.store(0, std::memory_order_relaxed);
    pause(memory);
    memory.measure(true);
    const uint32_t step = plan.trace_length / replay_looks + 1;
    for (uint32_t begin = 0; begin < plan.trace_length; begin += step) {
        const uint32_t rest = plan.trace_length - begin;
        const uint32_t end = begin + (rest < step ? rest : step);
        uint32_t at = begin;
        while (at < end) {
            // The next stretch of this thread.
            while (at < end && TraceOperation{plan.trace[at]}.cpu() % plan.threads != thread) ++at;
            if (at == end) break;
            memory.wait_for(next, at);
            for (; at < end; ++at) {
                const TraceOperation operation{plan.trace[at]};
                if (operation.cpu() % plan.threads != thread) break;
                if (operation.frees()) {
                    memory.free(operation.slot(), operation.order());
                } else {
                    memory.allocate(operation.slot(), operation.order(), operation.mobility());
                }
            }
            memory.settle();
            next.store(at, std::memory_order_release);
        }
        memory.measure(false);
        pause(memory);
        memory.measure(true);
    }
    memory.measure(false);
}

}  // namespace ageing
