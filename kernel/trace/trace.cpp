// SPDX-License-Identifier: Apache-2.0
// Trace points.
#include "kernel/trace/trace.hpp"

#include <atomic>

#include "hal/machine.hpp"

namespace kernel {

void Trace::enable(abi::TraceRecord* memory, uint64_t records, unsigned cpus, TracePoints points) {
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        info_.rings[cpu].records = hal::Machine::physical(memory + cpu * records);
        info_.rings[cpu].capacity = records;
    }
    enabled_ = points.events;
    frames_ = points.frames;
}

void Trace::append(abi::TraceType type, uint32_t thread, uint64_t a, uint64_t b) {
    const unsigned cpu = hal::Machine::cpu_index();
    abi::TraceRing& ring = info_.rings[cpu];
    // Single producer: this CPU with interrupts off. The reader moves only `tail`; its loads of the
    // records end before it releases them, so a slot is free once `tail` is seen to have passed.
    const uint64_t tail = std::atomic_ref(ring.tail).load(std::memory_order_acquire);
    if (ring.head - tail >= ring.capacity) {
        ++ring.lost;
        return;
    }
    auto* records = static_cast<abi::TraceRecord*>(hal::Machine::direct(ring.records));
    records[ring.head & (ring.capacity - 1)] =
        abi::TraceRecord{hal::Machine::counter(), type, static_cast<uint16_t>(cpu), thread, a, b};
    std::atomic_ref(ring.head).store(ring.head + 1, std::memory_order_release);
}

void Trace::put_words(abi::TraceType type, uint32_t of, const char* name) {
    if (!enabled_) return;
    uint64_t words[2] = {};
    for (unsigned i = 0; i < 16 && name[i] != '\0'; ++i) {
        words[i / 8] |= static_cast<uint64_t>(static_cast<uint8_t>(name[i])) << (i % 8 * 8);
    }
    put(type, of, words[0], words[1]);
}

bool Trace::needs_reader() const {
    if (!enabled_ && !frames_) return false;
    for (const abi::TraceRing& ring : info_.rings) {
        const uint64_t waiting = ring.head - ring.tail;
        if (ring.capacity != 0 && waiting > ring.capacity / 2) return true;
    }
    return false;
}

}  // namespace kernel
