// SPDX-License-Identifier: Apache-2.0
// The out-of-memory policy: which task is ended when memory is needed and none can be had, and the
// sentence that says why.
//
// As in Linux (mm/oom_kill.c, oom_badness()) a task's weight is what its end would free: its frames
// in memory, its page tables, and its pages in swap. There are no adjustments. The heaviest goes,
// of equals the one with the lower id. Init never does, nor does a task that ends already: then
// memory is on its way, and nobody is to be ended.
//
// Where memory is lacking on some nodes only, such as those that the page is bound to, a task's
// weight is what it has there: ending a task for frames elsewhere would be in vain. (Linux leaves
// out tasks that are not allowed there, and weighs the others by all that they have.)
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/base/result.hpp"

namespace kernel {

struct OutOfMemoryCandidate {
    uint32_t task = 0;
    bool is_init = false;
    bool is_ending = false;
    uint64_t frames = 0;   // in memory, on the nodes concerned; page tables included
    uint64_t swapped = 0;  // pages in swap, if all nodes are concerned

    [[nodiscard]] uint64_t weight() const { return frames + swapped; }
};

// Index of the victim among candidates in any order. Busy: one of them ends already; NotFound:
// there is none.
[[nodiscard]] Result<size_t> choose_victim(const OutOfMemoryCandidate* candidates, size_t count);

// Where memory is out.
struct OutOfMemoryScene {
    uint32_t nodes = 0;        // mask; 0 for all of them
    uint64_t free_frames = 0;  // there
    size_t candidates = 0;
};

// The log line, as one sentence, into `text`; its length.
size_t explain_victim(const OutOfMemoryCandidate& victim, const char* name,
                      const OutOfMemoryScene& scene, char* text, size_t capacity);

}  // namespace kernel
