// SPDX-License-Identifier: Apache-2.0
// What every CPU of the phone is.
#include "sim/phone/cpu.hpp"

#include <algorithm>

#include "hal/host/port.hpp"

namespace orrery::phone {
namespace {

using sc_core::sc_time;

constexpr size_t stack_size = 512 * 1024;

// A running CPU gets at least the short quantum, and up to the long one while nothing is due. A
// lock whose holder is ahead by a quantum seems held for so long to the others, hence a short one.
const sc_time short_quantum(2, sc_core::SC_US);
const sc_time long_quantum(100, sc_core::SC_US);

// From power-on of a core to its first instruction; modelled.
const sc_time start_latency(1, sc_core::SC_US);

}  // namespace

Cpu* Cpu::current_ = nullptr;

Cpu::Cpu(sc_core::sc_module_name name, const Parts& parts)
    : sc_module(name),
      timer("timer", parts.timer_frequency, parts.observer),
      index_(parts.index),
      memory_(parts.memory),
      clock_(parts.core.frequency),
      router_(*parts.router) {
    SC_HAS_PROCESS(Cpu);
    SC_THREAD(process);
    set_stack_size(stack_size);
}

void Cpu::power_on() {
    powered_.notify(start_latency);
}

void Cpu::wait_for_power() {
    on_stop();
    wait(powered_);
    begin_to_run();
}

void Cpu::begin_to_run() {
    const sc_time latency = on_run();
    if (latency != sc_core::SC_ZERO_TIME) wait(latency);
    become_current();
}

void Cpu::become_current() {
    current_ = this;
    hal::host::present.cpu = index_;
}

void Cpu::set_frequency(uint64_t hertz) {
    if (hertz == clock_.frequency()) return;
    clock_.set_frequency(hertz);
    if (memory_ != nullptr) memory_->set_frequency(hertz);
}

void Cpu::set_irq(bool level) {
    irq_ = level;
    if (level) irq_rose_.notify(sc_core::SC_ZERO_TIME);
}

sc_time Cpu::until_deadline(sc_time span) const {
    const sc_time due = timer.next_interrupt();
    return due > now() ? std::min(span, due - now()) : sc_core::SC_ZERO_TIME;
}

uint64_t Cpu::budget() const {
    const sc_time idle = sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext());
    const sc_time span = until_deadline(std::max(short_quantum, std::min(long_quantum, idle)));
    constexpr uint64_t mega = 1'000'000;  // of hertz, and of picoseconds
    const uint64_t cycles = span.value() * (frequency_hz() / mega) / mega + 1;
    return cycles * engine::parts_per_cycle;
}

void Cpu::spend(uint64_t parts) {
    ahead_ += sc_time::from_value(clock_.take(parts));
}

sc_time Cpu::after(uint64_t parts) const {
    return now() + sc_time::from_value(clock_.span(parts));
}

bool Cpu::is_ahead_by(uint64_t parts) const {
    return ahead_.value() >= clock_.span(parts);
}

void Cpu::synchronise() {
    spend(taken());
    if (ahead_ == sc_core::SC_ZERO_TIME) return;
    const sc_time span = ahead_;
    ahead_ = sc_core::SC_ZERO_TIME;
    wait(span);
    become_current();
}

void Cpu::keep_in_step() {
    spend(taken());
    const sc_time pending = sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext());
    if (ahead_ >= std::min(pending, long_quantum)) synchronise();
}

void Cpu::wait_for_interrupt() {
    synchronise();
    if (irq_) return;
    on_wait_begin();
    while (!irq_) wait(irq_rose_);
    begin_to_run();
}

void Cpu::stop_forever() {
    synchronise();
    on_stop();
    const sc_core::sc_event never;
    for (;;) wait(never);
}

bool Cpu::access(bool write, uint64_t physical, void* data, unsigned size) {
    synchronise();
    sc_time delay = sc_core::SC_ZERO_TIME;
    const auto response = router_.access(write, physical, data, size, delay, index_);
    ahead_ += delay;
    return response == tlm::TLM_OK_RESPONSE;
}

bool Cpu::read_device(uint64_t physical, unsigned size, uint64_t& value) {
    value = 0;
    return access(false, physical, &value, size);
}

bool Cpu::write_device(uint64_t physical, unsigned size, uint64_t value) {
    return access(true, physical, &value, size);
}

}  // namespace orrery::phone
