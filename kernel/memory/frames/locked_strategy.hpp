// SPDX-License-Identifier: Apache-2.0
// LockedStrategy: what strategies with one lock have in common. A sibling only takes and gives
// blocks by frame number, one caller at a time.
#pragma once

#include <atomic>

#include "kernel/base/lock.hpp"
#include "kernel/memory/frames/frame_map.hpp"

namespace kernel {

class LockedStrategy : public FrameStrategy {
  public:
    [[nodiscard]] Result<PhysicalAddress> allocate(const FrameRequest& request) final;
    [[nodiscard]] Status free(PhysicalAddress block, unsigned order, unsigned cpu) final;
    [[nodiscard]] Status split(PhysicalAddress block, unsigned order, unsigned cpu) final;
    [[nodiscard]] unsigned allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                                         unsigned cpu) final;
    [[nodiscard]] unsigned free_bulk(const PhysicalAddress* frames, unsigned count,
                                     unsigned cpu) final;
    [[nodiscard]] uint64_t free_frames() const final {
        return free_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] FreeHistogram free_histogram() const final;
    [[nodiscard]] uint64_t total_frames() const final { return map_.frames(); }
    [[nodiscard]] bool consistent() const final;

  protected:
    LockedStrategy() = default;
    ~LockedStrategy() = default;

    // All of these are called with the lock held, and with an order up to largest_order().
    [[nodiscard]] virtual Result<uint32_t> take(unsigned order, Mobility mobility) = 0;
    // Precondition: the block lies in the map and is aligned. NotFound: it is not allocated so.
    [[nodiscard]] virtual Status give(uint32_t index, unsigned order) = 0;
    // The block becomes frames, as split() says. Preconditions as give(), and an order above 0: a
    // strategy that has none leaves this as it is.
    [[nodiscard]] virtual Status divide(uint32_t, unsigned) { return Status::Unsupported; }
    [[nodiscard]] virtual FreeHistogram histogram() const = 0;
    [[nodiscard]] virtual bool check() const = 0;

    // For initialise(): no frame is free yet.
    void begin(const FrameMap& map) {
        map_ = map;
        free_.store(0, std::memory_order_relaxed);
    }
    void count_all_free() { free_.store(map_.frames(), std::memory_order_relaxed); }
    [[nodiscard]] const FrameMap& map() const { return map_; }

  private:
    void add_free(int64_t frames) {
        const uint64_t now = free_.load(std::memory_order_relaxed) + static_cast<uint64_t>(frames);
        free_.store(now, std::memory_order_relaxed);
    }

    mutable SpinLock lock_{LockRank::Frames};
    FrameMap map_;
    std::atomic<uint64_t> free_{0};  // written with the lock held
};

}  // namespace kernel
