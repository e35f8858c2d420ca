// SPDX-License-Identifier: Apache-2.0
// Rendezvous: one CPU stops all others at a safe place, looks at something or changes it, and lets
// them go on.
//
// Kernel code has interrupts off and takes them at preemption points, when it idles, and at EL0: a
// CPU that is stopped by an interrupt holds no lock and is in no operation of the kernel's. Each
// rendezvous has a number. A CPU that is asked says that number when it has stopped, and goes on
// when it is over; so a CPU that is late in leaving one is never taken for stopped in the next. Who
// wants one while another CPU has it stops for that one first: two at once cannot deadlock.
#pragma once

#include <atomic>

#include "hal/machine.hpp"
#include "kernel/base/lock.hpp"

namespace kernel {

class Rendezvous final {
  public:
    // Stops all CPUs of the mask that `online()` gives but this one; `interrupt(cpu)` makes a CPU
    // come by stop_if_asked(). The mask is asked for when CPUs that come by have begun to stop: one
    // that is not in it yet comes by on its way into it. Precondition: no lock held, and this CPU
    // is at a safe place itself.
    template <class Online, class Interrupt>
    void stop_others(Online online, Interrupt interrupt) {
        const unsigned self = hal::Machine::cpu_index();
        become_host(self);
        const uint32_t number = wanted_.load(std::memory_order_relaxed) + 1;
        wanted_.store(number, std::memory_order_release);
        const uint64_t cpus = online() & ~(uint64_t{1} << self);
        for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
            if ((cpus >> cpu & 1) != 0) interrupt(cpu);
        }
        for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
            if ((cpus >> cpu & 1) != 0) wait_for(stopped_[cpu].number, number);
        }
    }
    // Precondition: this CPU has stopped the others.
    void resume() {
        finished_.store(wanted_.load(std::memory_order_relaxed), std::memory_order_release);
        host_.store(0, std::memory_order_release);
    }
    // Stops here until every rendezvous that was asked for is over. Precondition: no lock held.
    void stop_if_asked();

  private:
    struct alignas(64) Stopped {
        std::atomic<uint32_t> number{0};
    };

    void become_host(unsigned self);
    static void wait_for(const std::atomic<uint32_t>& value, uint32_t number) {
        while (value.load(std::memory_order_acquire) != number) {
            halt_after_panic();
            hal::Machine::relax();
        }
    }

    std::atomic<uint32_t> host_{0};  // the CPU that stops the others, plus one
    std::atomic<uint32_t> wanted_{0};
    std::atomic<uint32_t> finished_{0};  // behind wanted_ while one is on
    Stopped stopped_[hal::max_cpus];     // in which each CPU has stopped last
};

}  // namespace kernel
