// SPDX-License-Identifier: Apache-2.0
// FakePhone: memory with a KernelInfo and trace rings, and the kernel's side of writing to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernel/abi/info.hpp"
#include "sim/trace/guest_memory.hpp"

namespace orrery::trace::testing {

class FakePhone final {
  public:
    static constexpr uint64_t ram_base = 0x4000'0000;
    static constexpr uint64_t ram_size = 0x40'0000;
    static constexpr uint64_t info_physical = ram_base + 0x1000;
    static constexpr uint64_t rings_physical = ram_base + 0x10'0000;
    static constexpr uint64_t frequency = 1'000'000;  // a tick is a microsecond

    explicit FakePhone(uint32_t cpus = 2, uint64_t capacity = 8)
        : lines_(ram_size / sizeof(Line)),
          memory_({{ram_base, ram_size, reinterpret_cast<std::byte*>(lines_.data())}}) {
        info().magic = abi::info_magic;
        info().version = abi::info_version;
        info().size = sizeof(abi::KernelInfo);
        info().state = abi::KernelState::Running;
        info().cpus_present = cpus;
        info().timer_frequency = frequency;
        for (uint32_t cpu = 0; cpu < cpus; ++cpu) {
            info().cpus[cpu].online = 1;
            info().rings[cpu].records = rings_physical + cpu * 0x1'0000;
            info().rings[cpu].capacity = capacity;
        }
    }

    [[nodiscard]] const GuestMemory& memory() const { return memory_; }
    [[nodiscard]] abi::KernelInfo& info() const {
        return memory_.view<abi::KernelInfo>(info_physical);
    }
    [[nodiscard]] abi::TraceRecord& slot(uint16_t cpu, uint64_t index) const {
        const abi::TraceRing& ring = info().rings[cpu];
        return memory_.view_array<abi::TraceRecord>(ring.records,
                                                    ring.capacity)[index % ring.capacity];
    }

    // Appends a record, or counts it as lost, as the kernel does.
    void put(uint16_t cpu, uint64_t ticks, abi::TraceType type, uint32_t thread, uint64_t a = 0,
             uint64_t b = 0) const {
        abi::TraceRing& ring = info().rings[cpu];
        if (ring.head - ring.tail >= ring.capacity) {
            ++ring.lost;
            return;
        }
        slot(cpu, ring.head) = {ticks, type, cpu, thread, a, b};
        ++ring.head;
    }

    // A record that leaves one packet of its own in the trace: an instant with this address.
    void mark(uint16_t cpu, uint64_t ticks, uint64_t address) const {
        put(cpu, ticks, abi::TraceType::MemoryMap, 0, address, abi::page_size);
    }

    void put_name(uint16_t cpu, uint64_t ticks, uint32_t task, const char* name) const {
        uint64_t words[2] = {};
        std::memcpy(words, name, strnlen(name, sizeof words));
        put(cpu, ticks, abi::TraceType::TaskName, task, words[0], words[1]);
    }

  private:
    // Aligned as all that the kernel shows.
    struct alignas(64) Line {
        uint64_t words[8];
    };
    std::vector<Line> lines_;
    GuestMemory memory_;
};

}  // namespace orrery::trace::testing
