// SPDX-License-Identifier: Apache-2.0
// FrameStrategy: the interface of every page-frame strategy.
//
// A frame is a 4 KiB page of physical memory, a block of order n is 2^n frames aligned to its size.
// A strategy manages the memory of one NUMA node. It is a sibling file in this folder; it never
// touches the frames, allocates nothing (its metadata is given to it) and knows no kernel, so that
// the same file runs in a plain program. It is safe for several CPUs by itself: by a lock inside
// (LockedStrategy) or without one (FrameTree).
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

using hal::PhysicalAddress;

// A range of physical memory, whole frames.
struct FrameRange {
    PhysicalAddress begin;
    PhysicalAddress end;
    [[nodiscard]] uint64_t frames() const { return (end - begin) / hal::page_size; }
};

// Whether the frame's content can be moved elsewhere later: a hint by which strategies may place.
enum class Mobility : uint32_t { Movable = 0, Unmovable = 1 };
constexpr unsigned mobility_count = 2;

constexpr unsigned max_order = 10;  // 4 MiB
constexpr unsigned order_count = max_order + 1;
constexpr unsigned huge_order = 9;  // 2 MiB, one entry of a level 2 table

struct FrameRequest {
    unsigned order = 0;
    Mobility mobility = Mobility::Unmovable;
    unsigned cpu = 0;  // index of the calling CPU: a hint
};

// Free memory as the largest aligned blocks it can be cut into, by order.
struct FreeHistogram {
    uint64_t blocks[order_count] = {};
    [[nodiscard]] uint64_t frames() const {
        uint64_t sum = 0;
        for (unsigned order = 0; order < order_count; ++order) sum += blocks[order] << order;
        return sum;
    }
};

class FrameStrategy {
  public:
    // A free block. NoMemory when there is none, Unsupported for an order the strategy never has.
    [[nodiscard]] virtual Result<PhysicalAddress> allocate(const FrameRequest& request) = 0;
    // InvalidArgument for an address that is misaligned or not the strategy's and for an order it
    // never has, NotFound for a block that is not allocated: nothing changes then. A block given
    // with another order is NotFound too, where remembers_orders().
    [[nodiscard]] virtual Status free(PhysicalAddress block, unsigned order, unsigned cpu) = 0;

    // Makes an allocated block count as 2^order allocated frames, each of which is then freed by
    // itself; the other way back there is none. NotFound for a block that is not allocated, and
    // where remembers_orders() for one of another order. InvalidArgument as free(), and for order
    // 0.
    [[nodiscard]] virtual Status split(PhysicalAddress block, unsigned order, unsigned cpu) = 0;

    // Up to `count` frames of order 0; how many were found.
    [[nodiscard]] virtual unsigned allocate_bulk(PhysicalAddress* frames, unsigned count,
                                                 Mobility mobility, unsigned cpu) = 0;
    // Frees frames of order 0 in their order; how many, so that below `count` the next one is not
    // an allocated frame of order 0.
    [[nodiscard]] virtual unsigned free_bulk(const PhysicalAddress* frames, unsigned count,
                                             unsigned cpu) = 0;

    // Exact while nobody allocates or frees.
    [[nodiscard]] virtual uint64_t free_frames() const = 0;
    [[nodiscard]] virtual FreeHistogram free_histogram() const = 0;
    [[nodiscard]] virtual uint64_t total_frames() const = 0;
    [[nodiscard]] virtual uint64_t metadata_bytes() const = 0;
    // The largest order that can be had.
    [[nodiscard]] virtual unsigned largest_order() const { return max_order; }
    // Whether a block freed with another order than it was given with is refused. Otherwise a part
    // of a block may be freed, and neighbours at once, as long as every frame is allocated.
    [[nodiscard]] virtual bool remembers_orders() const { return true; }
    // Whether mobility decides where a block lies.
    [[nodiscard]] virtual bool uses_mobility() const { return false; }
    // True when all internal structures agree. Slow. Precondition: nobody allocates or frees.
    [[nodiscard]] virtual bool consistent() const = 0;
    [[nodiscard]] virtual const char* name() const = 0;

  protected:
    ~FrameStrategy() = default;
};

}  // namespace kernel
