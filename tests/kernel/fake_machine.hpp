// SPDX-License-Identifier: Apache-2.0
// A machine for the kernel in one plain program: memory, a clock that moves only when somebody
// waits, and as much of a GICv2 and a PL011 as the drivers look at. One at a time.
//
// The end of the machine is the end of the process, with everything the console said on standard
// error, so that death tests see it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/host/clock.hpp"
#include "hal/machine.hpp"

namespace kernel {

// A device that a test adds to the machine.
class FakeDevice {
  public:
    virtual bool holds(hal::PhysicalAddress address) const = 0;
    virtual uint32_t read32(hal::PhysicalAddress address) = 0;
    virtual void write32(hal::PhysicalAddress address, uint32_t value) = 0;

  protected:
    ~FakeDevice() = default;
};

class FakeMachine final : public hal::host::Port {
  public:
    static constexpr hal::PhysicalAddress memory_begin = 0x4000'0000;
    static constexpr uint64_t memory_size = 64 << 20;
    static constexpr hal::PhysicalAddress memory_end = memory_begin + memory_size;
    // Where the kernel's own data lies; the rest of memory is free for tests.
    static constexpr hal::PhysicalAddress image_end = memory_begin + (1 << 20);

    static constexpr hal::PhysicalAddress distributor = 0x0800'0000;
    static constexpr hal::PhysicalAddress cpu_interface = 0x0801'0000;
    static constexpr hal::PhysicalAddress uart = 0x0900'0000;
    static constexpr uint32_t timer_interrupt = 27;
    static constexpr uint32_t uart_interrupt = 33;
    static constexpr uint64_t frequency = 62'500'000;

    static constexpr int halted = 3;       // exit code of a machine that halted
    static constexpr int powered_off = 4;  // and of one that was switched off
    static constexpr int stuck = 5;        // and of one that waits for what cannot come

    // Precondition: `device` outlives the machine.
    explicit FakeMachine(FakeDevice* device = nullptr);
    ~FakeMachine();
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;

    [[nodiscard]] static char* memory(hal::PhysicalAddress address) {
        return static_cast<char*>(hal::Machine::direct(address));
    }

    // The console as a user sees it, without what was said before the last call.
    std::string take_output();
    // Characters that arrive now, or when the machine next has nothing else to do.
    void type(std::string_view text);
    void type_later(std::string_view text) { later_ += text; }
    // An interrupt that the controller offers, once.
    void raise(uint32_t interrupt) { pending_.push_back(interrupt); }
    void advance(uint64_t ticks) { now_ += ticks; }

    // What the kernel asked of the machine, in order.
    struct Invalidation {
        hal::VirtualAddress address;
        uint16_t asid;
    };
    std::vector<Invalidation> invalidations;  // of single pages and blocks
    std::function<void()> on_invalidation;    // called at each of them, if there is one
    // Called where the kernel lets interrupts in: whatever other CPUs do meanwhile.
    std::function<void()> on_preemption_point;
    // Runs threads above the kernel code that asks for it.
    std::function<void(hal::UserFrame&)> above;
    std::vector<uint16_t> dead_spaces;       // whole spaces that were invalidated
    std::vector<hal::PhysicalAddress> code;  // pieces that were made executable
    hal::PhysicalAddress user_root = 0;      // 0: none
    uint16_t user_asid = 0;
    uint64_t deadline = 0;        // 0: none
    std::vector<uint32_t> ended;  // interrupts, by EOIR
    std::string emergency;        // said before there was a console
    bool is_gicv2 = true;
    hal::VectorState vectors{};  // the registers of the one CPU
    // Is told with which code the process would end; may throw instead, as a fuzzer does.
    std::function<void(int)> on_end;

    bool start_cpu(unsigned, uint64_t) override { return false; }
    void vector_save(hal::VectorState& out) override { out = vectors; }
    void vector_restore(const hal::VectorState& in) override { vectors = in; }
    void set_user_space(hal::PhysicalAddress root, uint32_t asid) override;
    void clear_user_space() override { set_user_space(0, 0); }
    void invalidate_page(hal::VirtualAddress va, uint32_t asid) override;
    void invalidate_space(uint32_t asid) override {
        dead_spaces.push_back(static_cast<uint16_t>(asid));
        if (on_invalidation) on_invalidation();
    }
    void synchronise_code(hal::PhysicalAddress begin, size_t) override { code.push_back(begin); }
    void run_above(hal::UserFrame& frame) override { above(frame); }
    bool interrupt_pending() override;
    void interrupt_in_kernel() override { kernel::entry::interrupt_in_kernel(); }
    void wait_for_interrupt() override;
    uint32_t read32(hal::PhysicalAddress address) override;
    void write32(hal::PhysicalAddress address, uint32_t value) override;
    uint64_t counter() override { return now_; }
    uint64_t counter_frequency() override { return frequency; }
    void set_deadline(uint64_t ticks) override { deadline = ticks; }
    void clear_deadline() override { deadline = 0; }
    // Nothing is ever due here: as late as can be told.
    void poll() override { hal_host_clock.poll_at = hal_host_clock.parts[0] + 0x7fff'ffff; }
    void relax() override { now_ += frequency / 1000; }
    bool map_memory(hal::PhysicalAddress begin, size_t size) override;
    void emergency_write(const char* text, size_t size) override { emergency.append(text, size); }
    void power_off() override;
    void halt() override;

  private:
    [[nodiscard]] bool is_interrupt_pending() const;
    [[noreturn]] void end_process(int exit_code, const char* why);

    FakeDevice* device_;
    uint64_t now_ = 1'000'000;
    std::deque<uint32_t> pending_;
    std::string output_;
    std::string input_;
    std::string later_;
};

}  // namespace kernel
