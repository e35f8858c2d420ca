// SPDX-License-Identifier: Apache-2.0
// Page frames by system calls: batches, barriers, tallies.
#include "user/programs/ageing_memory.hpp"

namespace user {
namespace {

// A waiting loop. On QEMU, which runs one CPU at a time, the others run when told that this one
// waits.
template <class Done>
void wait_until(Done done) {
    while (!done()) asm volatile("yield" ::: "memory");
}

}  // namespace

void CallMemory::settle() {
    if (waiting_ == 0) return;
    const std::span<abi::FrameOperation> operations(operations_, waiting_);
    waiting_ = 0;
    if (system::operate_frames(operations, measured_ ? abi::FrameMeasure : 0) != Status::Ok) {
        tally_.wrong += operations.size();
        return;
    }
    for (const abi::FrameOperation& one : operations) take_in(one);
}

void CallMemory::take_in(const abi::FrameOperation& one) {
    const bool allocates = one.kind == abi::FrameOperationKind::Allocate;
    const auto status = static_cast<Status>(one.status);
    if (status == Status::Ok) {
        run_.held[one.slot] = allocates ? static_cast<uint8_t>(one.order + 1) : uint8_t{0};
        if (!measured_) return;
        ++tally_.operations;
        (allocates ? tally_.allocations : tally_.frees)[one.order].add(one.ticks);
    } else if (status == Status::Unsupported) {
        ++tally_.unsupported;
    } else if (status == Status::NotFound && !allocates) {
        ++tally_.missing;
    } else if (allocates && (status == Status::NoMemory || status == Status::LimitReached)) {
        ++tally_.failed;
    } else {
        ++tally_.wrong;
    }
}

bool CallMemory::together() {
    settle();
    const uint32_t generation = run_.generation.load(std::memory_order_relaxed);
    if (run_.arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == run_.threads) {
        run_.arrived.store(0, std::memory_order_relaxed);
        run_.generation.store(generation + 1, std::memory_order_release);
    } else {
        wait_until([&] { return run_.generation.load(std::memory_order_acquire) != generation; });
    }
    return thread_ == 0;
}

void CallMemory::wait_for(const std::atomic_ref<uint32_t>& value, uint32_t wanted) {
    wait_until([&] { return value.load(std::memory_order_acquire) == wanted; });
}

void CallMemory::measure(bool on) {
    settle();
    const uint64_t now = system::clock_now();
    if (measured_) tally_.nanoseconds += now - measured_since_;
    measured_since_ = now;
    measured_ = on;
}

void CallMemory::look() {
    if (run_.points == Run::most_points) return;
    const Result<abi::FrameReport> report = system::read_frames();
    if (report) run_.point[run_.points++] = *report;
}

}  // namespace user
