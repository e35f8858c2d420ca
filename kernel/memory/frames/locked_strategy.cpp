// SPDX-License-Identifier: Apache-2.0
// LockedStrategy: addresses to frame numbers, and the lock.
#include "kernel/memory/frames/locked_strategy.hpp"

namespace kernel {

Result<PhysicalAddress> LockedStrategy::allocate(const FrameRequest& request) {
    if (request.order > largest_order()) return Status::Unsupported;
    const LockGuard guard(lock_);
    const uint32_t index = TRY(take(request.order, request.mobility));
    add_free(-(int64_t{1} << request.order));
    return map_.address_of(index);
}

Status LockedStrategy::free(PhysicalAddress block, unsigned order, unsigned) {
    if (order > largest_order()) return Status::InvalidArgument;
    const Result<uint32_t> index = map_.block_of(block, order);
    if (!index.ok()) return index.status();
    const LockGuard guard(lock_);
    const Status status = give(index.value(), order);
    if (status == Status::Ok) add_free(int64_t{1} << order);
    return status;
}

Status LockedStrategy::split(PhysicalAddress block, unsigned order, unsigned) {
    if (order == 0 || order > largest_order()) return Status::InvalidArgument;
    const uint32_t index = TRY(map_.block_of(block, order));
    const LockGuard guard(lock_);
    return divide(index, order);
}

unsigned LockedStrategy::allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                                       unsigned) {
    const LockGuard guard(lock_);
    unsigned found = 0;
    for (; found < count; ++found) {
        const Result<uint32_t> index = take(0, mobility);
        if (!index.ok()) break;
        frames[found] = map_.address_of(index.value());
    }
    add_free(-int64_t{found});
    return found;
}

unsigned LockedStrategy::free_bulk(const PhysicalAddress* frames, unsigned count, unsigned) {
    const LockGuard guard(lock_);
    unsigned freed = 0;
    for (; freed < count; ++freed) {
        const Result<uint32_t> index = map_.index_of(frames[freed]);
        if (!index.ok() || give(index.value(), 0) != Status::Ok) break;
    }
    add_free(freed);
    return freed;
}

FreeHistogram LockedStrategy::free_histogram() const {
    const LockGuard guard(lock_);
    return histogram();
}

bool LockedStrategy::consistent() const {
    const LockGuard guard(lock_);
    return check() && histogram().frames() == free_frames();
}

}  // namespace kernel
