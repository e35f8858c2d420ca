// SPDX-License-Identifier: Apache-2.0
// Counts of slots that share a frame.
#include "kernel/memory/objects/frame_shares.hpp"

namespace kernel {

Status FrameShares::share(hal::PhysicalAddress frame) {
    const LockGuard guard(lock_);
    Slot* count = TRY(counts_.make(frame / hal::page_size));
    *count = Slot::swapped(count->is_empty() ? 2 : count->swap_entry() + 1);
    return Status::Ok;
}

bool FrameShares::release(hal::PhysicalAddress frame) {
    const LockGuard guard(lock_);
    const uint64_t index = frame / hal::page_size;
    Slot* count = counts_.find(index);
    if (count == nullptr || count->is_empty()) return true;
    if (count->swap_entry() > 2) {
        *count = Slot::swapped(count->swap_entry() - 1);
    } else {
        counts_.clear(index);
    }
    return false;
}

uint64_t FrameShares::count(hal::PhysicalAddress frame) {
    const LockGuard guard(lock_);
    const Slot* count = counts_.find(frame / hal::page_size);
    return count == nullptr || count->is_empty() ? 1 : count->swap_entry();
}

}  // namespace kernel
