// SPDX-License-Identifier: Apache-2.0
// The kernel's door to the chosen page-frame strategy.
#include "kernel/memory/frame_allocator.hpp"

#include <string.h>

namespace kernel {

void Frames::initialise(FrameStrategy& strategy, uint64_t& free_count) {
    strategy_ = &strategy;
    free_count_ = &free_count;
    total_ = strategy.total_frames();
    *free_count_ = strategy.free_frames();
}

Result<PhysicalAddress> Frames::allocate(unsigned order) {
    const LockGuard guard(lock_);
    const PhysicalAddress block = TRY(strategy_->allocate(order));
    *free_count_ = strategy_->free_frames();
    return block;
}

Result<PhysicalAddress> Frames::allocate_zeroed(unsigned order) {
    const PhysicalAddress block = TRY(allocate(order));
    memset(hal::Machine::direct(block), 0, hal::page_size << order);
    return block;
}

void Frames::free(PhysicalAddress block, unsigned order) {
    const LockGuard guard(lock_);
    const Status status = strategy_->free(block, order);
    if (status != Status::Ok) {
        KERNEL_PANIC("freed a frame that was not allocated", block, order,
                     static_cast<uint64_t>(status));
    }
    *free_count_ = strategy_->free_frames();
}

uint64_t Frames::free_frames() {
    const LockGuard guard(lock_);
    return strategy_->free_frames();
}

}  // namespace kernel
