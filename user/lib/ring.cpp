// SPDX-License-Identifier: Apache-2.0
// Rings: waiting for room and for data.
//
// Who waits says so first, in a word of its own, and looks at the ring then; who changes the ring
// does that first and looks at that word then. All four are sequentially consistent, so one of them
// sees the other: either the waiter sees the change, or the other side clears the word, at which
// the kernel no longer lets it wait, and wakes it.
#include "user/lib/ring.hpp"

#include <string.h>

namespace user {

namespace {

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

void wake(std::atomic<uint32_t>& waits) {
    if (waits.load(std::memory_order_seq_cst) == 0) return;
    waits.store(0, std::memory_order_relaxed);
    (void)system::futex_wake(waits, 1);
}

// Waits until `look()` finds something, or a reason why it never will.
template <typename Look>
auto wait(const RingBuffer& ring, std::atomic<uint32_t>& waits, uint64_t deadline, bool to_the_last,
          Look look) -> Result<decltype(look())> {
    for (;;) {
        const bool closed = ring.is_closed();
        if (closed && !to_the_last) return Status::PortDead;
        const auto found = look();
        if (!found.empty()) return found;
        if (ring.is_broken()) return Status::InvalidArgument;
        if (closed) return Status::PortDead;
        waits.store(1, std::memory_order_seq_cst);
        if (!look().empty() || ring.is_closed()) continue;
        if (system::futex_wait(waits, 1, deadline) == Status::TimedOut) return Status::TimedOut;
    }
}

// Whoever waits finds the ring closed.
void close(RingHeader& header) {
    header.closed.store(1, std::memory_order_seq_cst);
    wake(header.producer_waits);
    wake(header.consumer_waits);
}

}  // namespace

Result<uint32_t> create_ring(uint32_t capacity) {
    if (!RingBuffer::is_capacity(capacity) || capacity < abi::page_size) {
        return Status::InvalidArgument;
    }
    return system::create_object(RingBuffer::header_size + capacity);
}

Result<RingBuffer> open_ring(uint32_t name, uint32_t capacity) {
    if (!RingBuffer::is_capacity(capacity)) return Status::InvalidArgument;
    const auto address = system::map_object(name, read_write);
    if (!address) return address.status();
    return RingBuffer(reinterpret_cast<void*>(*address), capacity);
}

Result<std::span<uint8_t>> RingProducer::room(uint64_t deadline) {
    RingHeader& header = ring_.header();
    return wait(ring_, header.producer_waits, deadline, false, [this] { return ring_.room(); });
}

void RingProducer::publish(size_t size) {
    ring_.publish(size);
    wake(ring_.header().consumer_waits);
}

Status RingProducer::write(std::span<const uint8_t> bytes, uint64_t deadline) {
    while (!bytes.empty()) {
        const auto place = room(deadline);
        if (!place) return place.status();
        const size_t size = bytes.size() < place->size() ? bytes.size() : place->size();
        memcpy(place->data(), bytes.data(), size);
        publish(size);
        bytes = bytes.subspan(size);
    }
    return Status::Ok;
}

void RingProducer::close() {
    user::close(ring_.header());
}

Result<std::span<const uint8_t>> RingConsumer::data(uint64_t deadline) {
    RingHeader& header = ring_.header();
    return wait(ring_, header.consumer_waits, deadline, true, [this] { return ring_.data(); });
}

void RingConsumer::release(size_t size) {
    ring_.release(size);
    wake(ring_.header().producer_waits);
}

Result<size_t> RingConsumer::read(std::span<uint8_t> bytes, uint64_t deadline) {
    if (bytes.empty()) return size_t{0};
    const auto found = data(deadline);
    if (!found) return found.status();
    const size_t size = bytes.size() < found->size() ? bytes.size() : found->size();
    memcpy(bytes.data(), found->data(), size);
    release(size);
    return size;
}

void RingConsumer::close() {
    user::close(ring_.header());
}

}  // namespace user
