// SPDX-License-Identifier: Apache-2.0
// The out-of-memory policy.
#include "kernel/memory/pressure/out_of_memory.hpp"

#include "kernel/base/text.hpp"

namespace kernel {

Result<size_t> choose_victim(const OutOfMemoryCandidate* candidates, size_t count) {
    size_t best = count;
    for (size_t i = 0; i < count; ++i) {
        const OutOfMemoryCandidate& each = candidates[i];
        if (each.is_ending) return Status::Busy;
        if (each.is_init || each.weight() == 0) continue;
        const bool heavier = best == count || each.weight() > candidates[best].weight();
        const bool first = best != count && each.weight() == candidates[best].weight() &&
                           each.task < candidates[best].task;
        if (heavier || first) best = i;
    }
    if (best == count) return Status::NotFound;
    return best;
}

size_t explain_victim(const OutOfMemoryCandidate& victim, const char* name, uint64_t free_frames,
                      size_t candidates, char* text, size_t capacity) {
    return format(text, capacity,
                  "out of memory: ended task {} ({}) because it holds the most of {} tasks, {} KiB "
                  "in memory and {} KiB in swap, with {} KiB free",
                  victim.task, name, candidates, victim.frames * 4, victim.swapped * 4,
                  free_frames * 4);
}

}  // namespace kernel
