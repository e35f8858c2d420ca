// SPDX-License-Identifier: Apache-2.0
// One CPU of the phone.
#include "sim/phone/native_cpu.hpp"

#include <algorithm>
#include <cstring>

namespace orrery::phone {
namespace {

using devices::TimerControl;
using devices::TimerRegister;
using sc_core::sc_time;

constexpr size_t stack_size = 512 * 1024;
constexpr uint64_t picoseconds_a_second = 1'000'000'000'000;

// A running CPU gets at least the short quantum, and up to the long one while nothing is due.
const sc_time short_quantum(10, sc_core::SC_US);
const sc_time long_quantum(100, sc_core::SC_US);

// From power-on of a core to its first instruction; modelled.
const sc_time start_latency(1, sc_core::SC_US);

// The engine's registers and the kernel's frame have the same order.
static_assert(offsetof(engine::UserRegisters, sp) == offsetof(hal::UserFrame, sp));
static_assert(offsetof(engine::UserRegisters, tpidr) == offsetof(hal::UserFrame, tpidr));
constexpr size_t shared_size = sizeof(engine::UserRegisters);

}  // namespace

NativeCpu* NativeCpu::current_ = nullptr;

NativeCpu::NativeCpu(sc_core::sc_module_name name, const Parts& parts)
    : sc_module(name),
      timer("timer", parts.timer_frequency, parts.observer),
      index_(parts.index),
      frequency_(parts.core.frequency),
      timing_(*parts.timing),
      router_(*parts.router),
      engine_(engine::UserEngine::create({.cpu = parts.index}, parts.memory, *this, *this)) {
    SC_HAS_PROCESS(NativeCpu);
    SC_THREAD(process);
    set_stack_size(stack_size);
}

bool NativeCpu::start(std::function<hal::UserFrame*()> enter) {
    if (enter_) return false;
    enter_ = std::move(enter);
    started_.notify(start_latency);
    return true;
}

void NativeCpu::set_irq(bool level) {
    irq_ = level;
    if (level) irq_rose_.notify(sc_core::SC_ZERO_TIME);
}

void NativeCpu::process() {
    wait(started_);
    current_ = this;
    hal::UserFrame* frame = enter_();
    for (;;) {
        if (on_kernel_exit) on_kernel_exit();
        const hal::Trap trap = run_user(*frame);
        spend_cycles(timing_.trap_cycles(trap));
        synchronise();
        frame = kernel::entry::trap(trap);
    }
}

hal::Trap NativeCpu::run_user(hal::UserFrame& frame) {
    using engine::StopReason;
    engine::UserRegisters registers;
    std::memcpy(&registers, &frame, shared_size);
    hal::Trap trap{hal::TrapKind::Interrupt, 0, 0};
    for (bool running = true; running;) {
        synchronise();
        if (irq_) break;
        const engine::Stop stop = engine_->run(registers, budget());
        spend_cycles(stop.instructions);
        switch (stop.reason) {
            case StopReason::Budget:
            case StopReason::Requested: break;
            case StopReason::WaitForInterrupt: wait_for_interrupt(); break;
            default:
                trap = {hal::TrapKind::Synchronous, static_cast<uint32_t>(stop.esr), stop.far};
                running = false;
        }
    }
    if (trap.kind == hal::TrapKind::Interrupt) engine_->clear_exclusive();
    std::memcpy(static_cast<void*>(&frame), &registers, shared_size);
    return trap;
}

// Instructions until the end of the quantum, at one a cycle.
uint64_t NativeCpu::budget() {
    sc_time span =
        std::max(short_quantum, std::min(long_quantum, sc_core::sc_time_to_pending_activity(
                                                           sc_core::sc_get_curr_simcontext())));
    if (deadline_set_) {
        const sc_time due = timer.time_of(deadline_);
        span = due > now() ? std::min(span, due - now()) : sc_core::SC_ZERO_TIME;
    }
    constexpr uint64_t picoseconds_a_microsecond = 1'000'000;
    return span.value() * (frequency_ / 1'000'000) / picoseconds_a_microsecond + 1;
}

void NativeCpu::spend_cycles(uint64_t cycles) {
    // Exact: the remainder is carried, so that no rounding adds up.
    const unsigned __int128 scaled =
        static_cast<unsigned __int128>(cycles) * picoseconds_a_second + cycle_remainder_;
    cycle_remainder_ = static_cast<uint64_t>(scaled % frequency_);
    ahead_ += sc_time::from_value(static_cast<uint64_t>(scaled / frequency_));
}

void NativeCpu::synchronise() {
    if (ahead_ == sc_core::SC_ZERO_TIME) return;
    const sc_time span = ahead_;
    ahead_ = sc_core::SC_ZERO_TIME;
    wait(span);
    current_ = this;
}

void NativeCpu::wait_for_interrupt() {
    synchronise();
    while (!irq_) wait(irq_rose_);
    current_ = this;
}

void NativeCpu::relax() {
    spend_cycles(timing_.relax_cycles());
    synchronise();
}

void NativeCpu::stop_forever() {
    synchronise();
    const sc_core::sc_event never;
    for (;;) wait(never);
}

bool NativeCpu::access(bool write, uint64_t physical, void* data, unsigned size) {
    synchronise();
    sc_time delay = sc_core::SC_ZERO_TIME;
    const auto response = router_.access(write, physical, data, size, delay, index_);
    ahead_ += delay;
    return response == tlm::TLM_OK_RESPONSE;
}

uint32_t NativeCpu::read32(uint64_t address) {
    uint32_t value = 0;
    if (!access(false, address, &value, sizeof value)) {
        // External abort on a load, as the hardware would report it (ESR_EL1: class 0x25).
        kernel::entry::fault_in_kernel({hal::TrapKind::Synchronous, 0x9600'0010, address}, 0);
    }
    return value;
}

void NativeCpu::write32(uint64_t address, uint32_t value) {
    if (!access(true, address, &value, sizeof value)) {
        kernel::entry::fault_in_kernel({hal::TrapKind::Synchronous, 0x9600'0050, address}, 0);
    }
}

void NativeCpu::set_deadline(uint64_t ticks) {
    synchronise();
    deadline_set_ = true;
    deadline_ = ticks;
    timer.write(TimerRegister::CNTV_CVAL, ticks, now());
    timer.write(TimerRegister::CNTV_CTL, TimerControl::ENABLE, now());
}

void NativeCpu::clear_deadline() {
    synchronise();
    deadline_set_ = false;
    timer.write(TimerRegister::CNTV_CTL, 0, now());
}

// EL0 reads the counter in the middle of a quantum, whose time is only spent at its end.
uint64_t NativeCpu::physical_count() {
    const unsigned __int128 scaled =
        static_cast<unsigned __int128>(engine_->instructions_of_run()) * picoseconds_a_second;
    return timer.count(now() + sc_time::from_value(static_cast<uint64_t>(scaled / frequency_)));
}

bool NativeCpu::read(uint64_t physical, unsigned size, uint64_t& value) {
    value = 0;
    return access(false, physical, &value, size);
}

bool NativeCpu::write(uint64_t physical, unsigned size, uint64_t value) {
    return access(true, physical, &value, size);
}

}  // namespace orrery::phone
