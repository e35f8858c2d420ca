// SPDX-License-Identifier: Apache-2.0
// KernelView: abi::KernelInfo of a phone, read from outside while the kernel runs or rests.
//
// Single values are read whole (atomically). Tables are copied, and a copy made while the kernel
// runs may hold a row that was being written; a machine at rest gives exact ones.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernel/abi/info.hpp"
#include "sim/trace/guest_memory.hpp"

namespace orrery::trace {

namespace abi = kernel::abi;  // the global abi is the C++ library's

// Where a kernel image in memory keeps what the outside needs.
struct InfoLocation {
    uint64_t info_physical = 0;
    uint64_t hold_virtual = 0;  // address of kernel_hold(), for a breakpoint
    uint64_t image_physical = 0;
    // Where the image passes, its MMU off, once it has been placed: hold_virtual is final then.
    uint64_t placed_physical = 0;

    bool operator==(const InfoLocation&) const = default;
};

// Finds the loaded copy of an arm64 Image by its first 64 bytes; nothing if it is not in memory
// (yet). Throws TraceError if the image itself has no valid header.
[[nodiscard]] std::optional<InfoLocation> find_info(const GuestMemory& memory,
                                                    std::span<const std::byte> image);

// A task as the kernel's table shows it.
struct Task {
    abi::TaskInfo info;
    std::string name;
};

// A container as the kernel's table shows it.
struct Container {
    abi::ContainerInfo info;
    std::string name;
};

// A fault report with its name as a string.
struct Fault {
    abi::FaultReport report;
    std::string name;
};

class KernelView final {
  public:
    // Throws TraceError if there is no valid KernelInfo. Precondition: `memory` outlives the view.
    KernelView(const GuestMemory& memory, uint64_t info_physical);

    // True if a KernelInfo that this build understands lies at the address.
    [[nodiscard]] static bool present(const GuestMemory& memory, uint64_t info_physical);

    [[nodiscard]] const GuestMemory& memory() const { return *memory_; }
    [[nodiscard]] uint64_t info_physical() const { return info_physical_; }

    [[nodiscard]] abi::KernelState state() const;
    [[nodiscard]] uint32_t cpus_present() const;  // never above abi::max_cpus
    [[nodiscard]] uint64_t timer_frequency() const;
    [[nodiscard]] uint64_t boot_ticks() const;
    [[nodiscard]] uint64_t init_ticks() const;
    [[nodiscard]] int64_t power_off_code() const;
    [[nodiscard]] uint64_t frames_total() const;
    [[nodiscard]] uint64_t frames_free() const;
    // Summed over the counters of the CPUs; exact while none of them is in the allocator.
    [[nodiscard]] uint64_t frames_of(abi::FrameOwner owner) const;
    [[nodiscard]] uint64_t frame_record_bytes() const;
    // What the page-frame strategy shows.
    [[nodiscard]] abi::PressureInfo pressure() const;
    [[nodiscard]] abi::MemoryEvents memory_events() const;  // summed over CPUs
    [[nodiscard]] abi::FrameInfo frames() const;
    // Load and pressure as of each CPU's last change, times in ticks.
    [[nodiscard]] abi::ScheduleInfo schedule() const;
    // What the kernel heap shows.
    [[nodiscard]] abi::HeapInfo heap() const;
    [[nodiscard]] uint64_t hold_at() const;
    [[nodiscard]] uint64_t hold_ticks() const;
    [[nodiscard]] uint64_t holds() const;
    [[nodiscard]] uint64_t console_written() const;
    [[nodiscard]] uint64_t console_read() const;
    [[nodiscard]] uint64_t fault_count() const;

    // The CPUs present, by number.
    [[nodiscard]] std::vector<abi::CpuInfo> cpus() const;

    // The used slots of the task table, in the table's order.
    [[nodiscard]] std::vector<Task> tasks() const;

    // The containers there are, by number.
    [[nodiscard]] std::vector<Container> containers() const;

    // The faults that are still kept, oldest first.
    [[nodiscard]] std::vector<Fault> faults() const;

    // The kernel's last words, if it has panicked.
    [[nodiscard]] std::optional<abi::Epitaph> epitaph() const;

    // The ring of a CPU, in place: its reader writes `tail`. Precondition: cpu < abi::max_cpus.
    [[nodiscard]] abi::TraceRing& ring(uint32_t cpu) const;

    // Counter to nanoseconds since the counter was zero, rounded down, and back, rounded up: the
    // first tick that is not before the time. Exact; both throw before the kernel has set the
    // frequency. The result saturates at the largest value.
    [[nodiscard]] uint64_t nanoseconds(uint64_t ticks) const;
    [[nodiscard]] uint64_t ticks(uint64_t nanoseconds) const;

    // Asks the kernel to call kernel_hold() at a time in nanoseconds, or not at all any more.
    void set_hold_at(uint64_t nanoseconds);
    void clear_hold();

  private:
    const GuestMemory* memory_;
    uint64_t info_physical_;
    abi::KernelInfo* info_;
};

}  // namespace orrery::trace
