// SPDX-License-Identifier: Apache-2.0
// The out-of-memory policy: which task is ended when memory is needed and none can be had, and the
// sentence that says why.
//
// As in Linux (mm/oom_kill.c, oom_badness()) a task's weight is what its end would free: its frames
// in memory, its page tables, and its pages in swap. There are no adjustments. The heaviest goes,
// of equals the one with the lower id. Init never does, nor does a task that ends already: then
// memory is on its way, and nobody is to be ended.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/base/result.hpp"

namespace kernel {

struct OutOfMemoryCandidate {
    uint32_t task = 0;
    bool is_init = false;
    bool is_ending = false;
    uint64_t frames = 0;   // in memory, page tables included
    uint64_t swapped = 0;  // pages in swap

    [[nodiscard]] uint64_t weight() const { return frames + swapped; }
};

// Index of the victim among candidates in any order. Busy: one of them ends already; NotFound:
// there is none.
[[nodiscard]] Result<size_t> choose_victim(const OutOfMemoryCandidate* candidates, size_t count);

// The log line, as one sentence, into `text`; its length.
size_t explain_victim(const OutOfMemoryCandidate& victim, const char* name, uint64_t free_frames,
                      size_t candidates, char* text, size_t capacity);

}  // namespace kernel
