// SPDX-License-Identifier: Apache-2.0
// Cpu: what every CPU of the phone is, whatever executes its code: a SystemC process with a generic
// timer, an interrupt line and a way to the bus, which spends time.
//
// Time. Code runs ahead of the simulation in quanta, and the process then waits for as long as it
// took. A quantum ends at the CPU's own timer deadline, so that ticks are exact, and may be longer
// while nothing else is due in the whole phone. Before every device access the CPU is in step.
#pragma once

#include <functional>
#include <optional>
#include <systemc>
#include <utility>

#include "devices/generic_timer.hpp"
#include "devices/router.hpp"
#include "sim/engine/meter.hpp"
#include "sim/engine/user_registers.hpp"
#include "sim/memory/cpu_memory.hpp"
#include "sim/phone/core_clock.hpp"
#include "sim/phone/machine.hpp"

namespace orrery::phone {

class Cpu : public sc_core::sc_module {
  public:
    struct Parts {
        unsigned index;
        CpuCore core;
        devices::Router* router;
        engine::Meter* meter;       // of this CPU's core; null: one cycle an instruction
        memory::CpuMemory* memory;  // what memory costs; null: nothing beyond the pipeline
        uint64_t timer_frequency;
        devices::Observer* observer;
    };

    devices::GenericTimer timer;

    // Called in the process each time the kernel may have recorded something.
    std::function<void()> on_kernel_exit;

    // The CPU begins to execute, and needs so long to wake up; it waits for an interrupt; it is
    // without power. All in its process, in step. To be set before the simulation starts.
    std::function<sc_core::sc_time()> on_run = [] { return sc_core::SC_ZERO_TIME; };
    std::function<void()> on_wait_begin = [] {};
    std::function<void()> on_stop = [] {};

    // The clock changes. What has been executed but not yet spent counts at the old rate.
    void set_frequency(uint64_t hertz);
    // The interrupt line from the controller.
    void set_irq(bool level);

    // The CPU whose process is running. Precondition: called from a CPU's process.
    [[nodiscard]] static Cpu& current() { return *current_; }

    [[nodiscard]] unsigned index() const { return index_; }
    [[nodiscard]] bool irq() const { return irq_; }
    [[nodiscard]] uint64_t frequency_hz() const { return clock_.frequency(); }

    // The moment at which the code will have spent so much more, in picoseconds.
    [[nodiscard]] uint64_t moment(uint64_t parts) const {
        return now().value() + clock_.span(waiting() + parts);
    }

    // For code of the CPU's own process.
    void wait_for_interrupt();
    [[noreturn]] void stop_forever();

    // Executed so far, by level. In parts of a cycle, waits for devices not included.
    [[nodiscard]] virtual engine::Work user_work() const = 0;
    [[nodiscard]] virtual engine::Work kernel_work() const = 0;

    // For whoever looks while the simulation stands still; both change nothing. Registers are those
    // of the code that the CPU executes, as it has left the engine last: up to a quantum ahead of
    // simulated time. Of a native kernel there are none: they are those of EL0 then.
    [[nodiscard]] virtual engine::UserRegisters registers() const = 0;
    // The physical address behind an address of that code, if something is mapped there.
    [[nodiscard]] virtual std::optional<uint64_t> translate(uint64_t address) const = 0;
    // The address space of EL0: the page table's address in TTBR0_EL1, without the ASID.
    [[nodiscard]] virtual uint64_t address_space() const = 0;
    [[nodiscard]] virtual engine::VectorRegisters vectors() const = 0;
    // Where an exception return of that code leads: the program counter and PSTATE. Code at EL0 has
    // none.
    [[nodiscard]] virtual std::optional<std::pair<uint64_t, uint64_t>> exception_return() const {
        return {};
    }

    // The code goes on with other registers. False, and nothing is done, in the middle of what
    // cannot go on elsewhere: of a native kernel, or of a device access.
    [[nodiscard]] virtual bool set_registers(const engine::UserRegisters& registers) = 0;

    // on_breakpoint is called before an instruction at such an address of that code, in the CPU's
    // process. It must neither throw nor wait.
    virtual void set_breakpoint(uint64_t address, bool set) = 0;
    std::function<void(uint64_t address)> on_breakpoint = [](uint64_t) {};

  protected:
    Cpu(sc_core::sc_module_name name, const Parts& parts);

    // The life of the CPU, in its process. It never returns, and first waits for power_on().
    virtual void live() = 0;
    void wait_for_power();
    void power_on();

    // Parts that code of this CPU has taken since the last call, where nobody spends them as they
    // come. Called before every step that lets other CPUs run.
    virtual uint64_t taken() { return 0; }
    // What the code itself has taken of that, without what it waited for memory.
    [[nodiscard]] virtual uint64_t waiting() const { return 0; }

    // Parts of a cycle until the end of the quantum that begins now.
    [[nodiscard]] uint64_t budget() const;
    void spend(uint64_t parts);
    // Waits until the simulation has come to where this CPU is: what others do until then is done.
    void synchronise();
    // The same, but goes on at once while nothing is due in the phone before then: nobody could
    // tell. Only for code that looks at nothing but its interrupt line and its own time.
    void keep_in_step();
    // What the code of the CPU reaches outside RAM. False for a bus error.
    [[nodiscard]] bool read_device(uint64_t physical, unsigned size, uint64_t& value);
    [[nodiscard]] bool write_device(uint64_t physical, unsigned size, uint64_t value);
    [[nodiscard]] sc_core::sc_time now() const { return sc_core::sc_time_stamp() + ahead_; }
    [[nodiscard]] bool is_ahead_by(uint64_t parts) const;
    // The moment at which the code will have spent so much more.
    [[nodiscard]] sc_core::sc_time after(uint64_t parts) const;

  private:
    void process() { live(); }
    void begin_to_run();
    void become_current();
    [[nodiscard]] sc_core::sc_time until_deadline(sc_core::sc_time span) const;
    bool access(bool write, uint64_t physical, void* data, unsigned size);

    static Cpu* current_;

    unsigned index_;
    memory::CpuMemory* memory_;
    CoreClock clock_;
    devices::Router& router_;

    sc_core::sc_time ahead_;  // how far this CPU is ahead of the simulation
    bool irq_ = false;
    sc_core::sc_event powered_;
    sc_core::sc_event irq_rose_;
};

}  // namespace orrery::phone
