// SPDX-License-Identifier: Apache-2.0
// The interface of every page-frame strategy, and Frames, the kernel's door to the chosen one.
//
// A frame is a 4 KiB page of physical memory, a block of order n is 2^n frames aligned to its size.
// A strategy is a sibling file that implements FrameStrategy; it knows no lock, no CPU and no
// kernel, so that the same file runs in a plain program.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

using hal::PhysicalAddress;

// A range of physical memory, whole frames.
struct FrameRange {
    PhysicalAddress begin;
    PhysicalAddress end;
    [[nodiscard]] uint64_t frames() const { return (end - begin) / hal::page_size; }
};

class FrameStrategy {
  public:
    // A free block. NoMemory when there is none, Unsupported for an order the strategy never has.
    [[nodiscard]] virtual Result<PhysicalAddress> allocate(unsigned order) = 0;
    // Status::InvalidArgument for misaligned or foreign addresses, NotFound for a block that is not
    // allocated: nothing changes then.
    [[nodiscard]] virtual Status free(PhysicalAddress block, unsigned order) = 0;
    [[nodiscard]] virtual uint64_t free_frames() const = 0;
    [[nodiscard]] virtual uint64_t total_frames() const = 0;
    [[nodiscard]] virtual uint64_t metadata_bytes() const = 0;
    // True when all internal structures agree. Slow.
    [[nodiscard]] virtual bool consistent() const = 0;
    [[nodiscard]] virtual const char* name() const = 0;

  protected:
    ~FrameStrategy() = default;
};

// Physical memory as the kernel uses it: one strategy behind one lock, figures kept up to date.
class Frames final {
  public:
    // `free_count` is where the number of free frames is shown (abi::KernelInfo::frames_free).
    void initialise(FrameStrategy& strategy, uint64_t& free_count);

    [[nodiscard]] Result<PhysicalAddress> allocate(unsigned order = 0);
    // The same, filled with zeroes.
    [[nodiscard]] Result<PhysicalAddress> allocate_zeroed(unsigned order = 0);
    // Precondition: `block` came from allocate() with the same order; otherwise the kernel has a
    // bug and panics.
    void free(PhysicalAddress block, unsigned order = 0);

    [[nodiscard]] uint64_t free_frames();
    [[nodiscard]] uint64_t total_frames() const { return total_; }
    [[nodiscard]] const char* strategy_name() const { return strategy_->name(); }

  private:
    SpinLock lock_{LockRank::Frames};
    FrameStrategy* strategy_ = nullptr;
    uint64_t* free_count_ = nullptr;
    uint64_t total_ = 0;
};

}  // namespace kernel
