// SPDX-License-Identifier: Apache-2.0
// Page frames by system calls, as the recipes of user/lib/ageing ask for them: batches of
// operations, and what came of them.
#pragma once

#include <atomic>

#include "user/lib/ageing/recipe.hpp"
#include "user/lib/system.hpp"

namespace user {

// Counts of ticks: exact below 64, then 64 steps for each power of two, so within 1.6 percent.
class TickHistogram final {
  public:
    static constexpr uint32_t exact = 64;
    static constexpr uint32_t octaves = 15;  // up to 2^21 ticks; what is longer is in the last step
    static constexpr uint32_t size = exact * (octaves + 1);

    void add(uint32_t ticks) { ++counts_[step_of(ticks)]; }
    void add(const TickHistogram& other) {
        for (uint32_t i = 0; i < size; ++i) counts_[i] += other.counts_[i];
    }
    uint32_t count(uint32_t step) const { return counts_[step]; }
    // The middle of a step.
    static constexpr uint32_t value(uint32_t step) {
        if (step < exact) return step;
        const uint32_t octave = step / exact - 1;
        return ((step % exact + exact) << octave) + (1U << octave) / 2;
    }
    static constexpr uint32_t step_of(uint32_t ticks) {
        if (ticks < exact) return ticks;
        const auto octave = 26U - static_cast<uint32_t>(__builtin_clz(ticks)) + 0U;
        const uint32_t step = exact * octave + (ticks >> (octave - 1)) % exact;
        return step < size ? step : size - 1;
    }

  private:
    uint32_t counts_[size];
};
static_assert(TickHistogram::step_of(63) == 63 && TickHistogram::step_of(64) == 64);
static_assert(TickHistogram::step_of(127) == 127 && TickHistogram::step_of(128) == 128);
static_assert(TickHistogram::value(TickHistogram::step_of(1000)) / 16 == 1000 / 16);

// What the measured operations of one thread came to.
struct Tally {
    uint64_t operations;   // that were done
    uint64_t failed;       // allocations for which there was no block
    uint64_t unsupported;  // of an order that the strategy never has
    uint64_t missing;      // frees of what had not been allocated for one of these reasons
    uint64_t wrong;        // anything else: a bug
    uint64_t nanoseconds;  // of the measured parts
    TickHistogram allocations[abi::frame_orders];
    TickHistogram frees[abi::frame_orders];
};

// What the threads of a run share.
struct Run {
    static constexpr uint32_t most_points = 512;
    static constexpr uint32_t most_areas = abi::most_frame_areas;

    uint32_t threads = 1;
    uint8_t* held = nullptr;  // by slot: order + 1 of the block there
    std::atomic<uint32_t> arrived{0};
    std::atomic<uint32_t> generation{0};
    uint32_t points = 0;
    abi::FrameReport point[most_points] = {};
    uint64_t areas = 0;  // of the map, 0 for none
    uint16_t free_in_area[most_areas] = {};
};

// One thread's way to the frames.
class CallMemory final {
  public:
    CallMemory(Run& run, Tally& tally, uint32_t thread)
        : run_(run), tally_(tally), thread_(thread) {}

    void allocate(uint32_t slot, uint32_t order, ageing::Mobility mobility) {
        put({.slot = slot,
             .kind = abi::FrameOperationKind::Allocate,
             .order = static_cast<uint8_t>(order),
             .mobility = static_cast<abi::FrameMobility>(mobility),
             .policy = abi::FramePolicy::Local,
             .nodes = 0,
             .status = 0,
             .ticks = 0,
             .reserved = 0});
    }
    void free(uint32_t slot, uint32_t order) {
        put({.slot = slot,
             .kind = abi::FrameOperationKind::Free,
             .order = static_cast<uint8_t>(order),
             .mobility = abi::FrameMobility::Movable,
             .policy = abi::FramePolicy::Local,
             .nodes = 0,
             .status = 0,
             .ticks = 0,
             .reserved = 0});
    }
    void settle();
    bool together();
    void wait_for(const std::atomic_ref<uint32_t>& value, uint32_t wanted);
    void measure(bool on);
    void look();

  private:
    static constexpr uint32_t batch = 128;

    void put(const abi::FrameOperation& operation) {
        operations_[waiting_++] = operation;
        if (waiting_ == batch) settle();
    }
    void take_in(const abi::FrameOperation& operation);

    Run& run_;
    Tally& tally_;
    uint32_t thread_;
    bool measured_ = false;
    uint64_t measured_since_ = 0;
    uint32_t waiting_ = 0;
    abi::FrameOperation operations_[batch];
};

}  // namespace user
