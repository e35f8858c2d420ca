// SPDX-License-Identifier: Apache-2.0
// Rings: bulk data between two tasks, or threads, through memory that they share.
//
// One side makes the memory with create_ring() and gives the other one a right to it; then one is
// the producer and one the consumer, one thread each. While neither has to wait, nothing enters the
// kernel. Who has to wait does so on a futex in the ring, and is woken by the other side.
//
//     const auto memory = create_ring(64 * 1024);    // both sides: open_ring(name, capacity)
//     RingProducer out(*open_ring(*memory, 64 * 1024));
//     out.write(bytes);                              // or fill out.room(), and publish()
//     out.close();
//
// What is trusted: nothing of the other side, except that it wakes this one; who cannot rely on
// that gives a deadline. A ring whose counters cannot be is InvalidArgument from then on.
#pragma once

#include "user/lib/ring_buffer.hpp"
#include "user/lib/system.hpp"

namespace user {

// Memory for a ring of `capacity` bytes: a power of two of at least a page. The right can be given
// away as any other.
[[nodiscard]] Result<uint32_t> create_ring(uint32_t capacity);
// Maps it. Safety: a right of less memory than that makes both sides fault.
[[nodiscard]] Result<RingBuffer> open_ring(uint32_t name, uint32_t capacity);

class RingProducer final {
  public:
    explicit RingProducer(RingBuffer ring) : ring_(ring) {}

    // Room to write to in place, at least a byte. PortDead when the ring is closed, TimedOut.
    [[nodiscard]] Result<std::span<uint8_t>> room(uint64_t deadline = system::no_deadline);
    // The first `size` bytes of room() go to the consumer, who is woken if it waits.
    void publish(size_t size);
    // Copies all of it, in pieces.
    [[nodiscard]] Status write(std::span<const uint8_t> bytes,
                               uint64_t deadline = system::no_deadline);
    // The consumer gets what is there, and then PortDead.
    void close();

  private:
    RingBuffer ring_;
};

class RingConsumer final {
  public:
    explicit RingConsumer(RingBuffer ring) : ring_(ring) {}

    // Bytes to read in place, at least one. PortDead when the ring is closed and empty, TimedOut.
    [[nodiscard]] Result<std::span<const uint8_t>> data(uint64_t deadline = system::no_deadline);
    // The first `size` bytes of data() are room again; the producer is woken if it waits.
    void release(size_t size);
    // Copies as much as fits, at least a byte; how much.
    [[nodiscard]] Result<size_t> read(std::span<uint8_t> bytes,
                                      uint64_t deadline = system::no_deadline);
    // The producer gets PortDead.
    void close();

  private:
    RingBuffer ring_;
};

}  // namespace user
