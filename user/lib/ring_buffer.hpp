// SPDX-License-Identifier: Apache-2.0
// RingBuffer: bytes in shared memory from one producer to one consumer, without waiting.
//
// After Lamport ("Specifying Concurrent Program Modules", TOPLAS 1983): each side writes a counter
// of its own, in a cache line of its own, and only reads the other one. Counters count bytes since
// the beginning and wrap at 2^32; the place in memory is the counter modulo the capacity.
//
// Safety: the other side may be another task, which may write anything to the memory they share.
// Then wrong bytes come, but nothing outside of the ring is ever touched: a counter of the other
// side that cannot be is taken for a ring without data and without room, and `is_broken()` says so.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <atomic>
#include <span>

namespace user {

// What both sides see; zeroed memory is an empty ring.
struct RingHeader {
    alignas(64) std::atomic<uint32_t> produced;
    std::atomic<uint32_t> producer_waits;  // 1: for room
    alignas(64) std::atomic<uint32_t> consumed;
    std::atomic<uint32_t> consumer_waits;      // 1: for data
    alignas(64) std::atomic<uint32_t> closed;  // 1: by either side, nothing more is produced
};

class RingBuffer final {
  public:
    static constexpr uint64_t header_size = 4096;  // so that the data begin with a page
    static constexpr uint32_t most_capacity = uint32_t{1} << 30;

    static constexpr bool is_capacity(uint64_t capacity) {
        return capacity != 0 && capacity <= most_capacity && (capacity & (capacity - 1)) == 0;
    }

    RingBuffer() = default;  // of no use
    // Precondition: `header_size + capacity` bytes at `memory`, aligned to 64; is_capacity().
    RingBuffer(void* memory, uint32_t capacity)
        : header_(static_cast<RingHeader*>(memory)),
          data_(static_cast<uint8_t*>(memory) + header_size),
          capacity_(capacity) {}

    [[nodiscard]] RingHeader& header() const { return *header_; }
    [[nodiscard]] uint32_t capacity() const { return capacity_; }

    // Producer: where the next bytes go, up to the end of the memory; empty when the ring is full.
    [[nodiscard]] std::span<uint8_t> room() const {
        const uint32_t produced = header_->produced.load(std::memory_order_relaxed);
        const uint32_t used = produced - header_->consumed.load(std::memory_order_seq_cst);
        return used > capacity_ ? std::span<uint8_t>() : piece(produced, capacity_ - used);
    }
    // Producer: the first `size` bytes of room() are there. Precondition: it was that large.
    void publish(size_t size) const { advance(header_->produced, size); }

    // Consumer: the bytes that come next, up to the end of the memory; empty when there are none.
    [[nodiscard]] std::span<const uint8_t> data() const {
        const uint32_t consumed = header_->consumed.load(std::memory_order_relaxed);
        const uint32_t used = header_->produced.load(std::memory_order_seq_cst) - consumed;
        return used > capacity_ ? std::span<uint8_t>() : piece(consumed, used);
    }
    // Consumer: the first `size` bytes of data() are wanted no more. Precondition: as above.
    void release(size_t size) const { advance(header_->consumed, size); }

    // Whether the other side has made nonsense of the counters.
    [[nodiscard]] bool is_broken() const {
        return header_->produced.load(std::memory_order_relaxed) -
                   header_->consumed.load(std::memory_order_relaxed) >
               capacity_;
    }
    [[nodiscard]] bool is_closed() const {
        return header_->closed.load(std::memory_order_seq_cst) != 0;
    }

  private:
    [[nodiscard]] std::span<uint8_t> piece(uint32_t from, uint32_t size) const {
        const uint32_t at = from & (capacity_ - 1);
        return {data_ + at, size < capacity_ - at ? size : capacity_ - at};
    }
    // Bytes before it are written, or read, before the other side sees the counter; and it is seen
    // before this side looks whether the other one waits (ring.cpp).
    static void advance(std::atomic<uint32_t>& counter, size_t size) {
        counter.store(counter.load(std::memory_order_relaxed) + static_cast<uint32_t>(size),
                      std::memory_order_seq_cst);
    }

    RingHeader* header_ = nullptr;
    uint8_t* data_ = nullptr;
    uint32_t capacity_ = 0;
};

}  // namespace user
