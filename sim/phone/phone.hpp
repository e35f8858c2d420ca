// SPDX-License-Identifier: Apache-2.0
// Phone: the SystemC phone put together, and time let pass in it. One a process: SystemC has one
// simulation, and the phone's memory one place.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/meter.hpp"
#include "sim/memory/cpu_memory.hpp"
#include "sim/phone/phone_config.hpp"
#include "sim/phone/power_report.hpp"
#include "sim/trace/kernel_view.hpp"
#include "sim/trace/record_tap.hpp"

namespace orrery::phone {

class Cpu;

enum class StopReason { Time, Console, PoweredOff, Panicked, BatteryEmpty };

class Phone final {
  public:
    // Builds the machine. Throws std::runtime_error with one sentence.
    explicit Phone(const PhoneConfig& config);
    ~Phone();
    Phone(const Phone&) = delete;
    Phone& operator=(const Phone&) = delete;

    // Chooses ambience and battery. Throws std::runtime_error once the phone has been switched on.
    void configure_power(const power::PowerChoices& choices);
    // Switches it on; no time passes.
    void boot();
    // Lets time pass. With `until_console` it also stops at the end of a line, or when the console
    // has been silent for a moment after it spoke. Once the phone has ended, time stands still.
    StopReason run(uint64_t nanoseconds, bool until_console);

    [[nodiscard]] uint64_t now() const;  // nanoseconds of simulated time
    [[nodiscard]] std::string take_console();
    void send_console(std::span<const uint8_t> bytes);
    // Nothing before the kernel has come to life.
    [[nodiscard]] std::optional<trace::KernelView> kernel() const;
    [[nodiscard]] uint64_t trace_lost() const;
    // Clocks, energy, heat and battery; modelled.
    [[nodiscard]] PowerReport power() const;
    // Physical address of the kernel's image, or of a native kernel's data.
    [[nodiscard]] uint64_t kernel_begin() const;
    // What each CPU has executed so far.
    struct CpuWork {
        engine::Work user;
        engine::Work kernel;
    };
    [[nodiscard]] std::vector<CpuWork> cpu_work() const;
    // What each CPU's caches, TLBs and branch predictor have counted so far; empty where they are
    // not modelled.
    [[nodiscard]] std::vector<memory::CpuCounts> memory_counts() const;
    // What is behind physical addresses, memory or registers of devices, without time and side
    // effects; the number of bytes read or written, 0 where there is nothing or it refuses. What is
    // written is seen by code at once. Precondition: the range lies within a page.
    [[nodiscard]] unsigned read_physical(uint64_t address, std::span<std::byte> data) const;
    unsigned write_physical(uint64_t address, std::span<const std::byte> data);
    // Of all its memory, bank by bank: see memory_digest().
    [[nodiscard]] std::vector<uint64_t> memory_digests() const;
    // The CPUs, to look at.
    [[nodiscard]] std::span<const std::unique_ptr<Cpu>> cpus() const;
    // From a breakpoint's handler: run() comes back early, at the present time.
    void cut();
    // A queue of what the trace gets from now on. Throws TraceError if none is written.
    [[nodiscard]] std::shared_ptr<trace::RecordTap> tap_trace(size_t limit);
    // The phone was changed from outside after it had been taken back: what the trace's file has of
    // later times goes.
    void new_future();
    // Brings the trace's file up to date.
    void show_trace();
    // Completes the trace. Time must not pass afterwards.
    void finish();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace orrery::phone
