// SPDX-License-Identifier: Apache-2.0
// Port: what a machine that hosts the kernel in this process has to answer. The simulator's CPUs
// implement it; so does the small fake that unit tests use. One port serves the whole process.
#pragma once

#include "hal/types.hpp"

namespace hal::host {

// Where the phone's physical memory lies in this process: physical address + direct_base. Fixed,
// so that a pointer means the same in every run.
constexpr uint64_t direct_base = 0x2000'0000'0000;

struct CodeWalk;

class Port {
  public:
    virtual bool start_cpu(unsigned cpu, uint64_t hardware_id) = 0;

    virtual void vector_save(VectorState& out) = 0;
    virtual void vector_restore(const VectorState& in) = 0;
    virtual void run_above(UserFrame& frame) = 0;

    // Integer parameters cross this border with 32 bits at least: the two sides extend smaller ones
    // each in its own way (see docs/time.md).
    virtual void set_user_space(PhysicalAddress root, uint32_t asid) = 0;
    virtual void clear_user_space() = 0;
    // Of the page or block that the address lies in, and of the tables that lead there.
    virtual void invalidate_page(VirtualAddress va, uint32_t asid) = 0;
    virtual void invalidate_space(uint32_t asid) = 0;
    virtual void synchronise_code(PhysicalAddress code, size_t size) = 0;

    virtual bool interrupt_pending() = 0;
    // An interrupt is pending and the kernel lets it in.
    virtual void interrupt_in_kernel() = 0;
    virtual void wait_for_interrupt() = 0;

    virtual uint32_t read32(PhysicalAddress address) = 0;
    virtual void write32(PhysicalAddress address, uint32_t value) = 0;

    virtual uint64_t counter() = 0;
    virtual uint64_t counter_frequency() = 0;
    virtual void set_deadline(uint64_t ticks) = 0;
    virtual void clear_deadline() = 0;
    virtual void relax() = 0;

    // Of kernel code that counts its cycles (hal/host/clock.hpp): a loop came to the limit; and in
    // a build that reports them, each access to memory and the image's code that is executed.
    // Nothing to do for a machine without a clock.
    virtual void poll() {}
    virtual void load(const void*, uint32_t) {}
    virtual void store(const void*, uint32_t) {}
    virtual void atomic(const void*, uint32_t) {}
    virtual void look_up_cpu() {}
    virtual void walk(const CodeWalk&) {}

    virtual bool map_memory(PhysicalAddress begin, size_t size) = 0;

    virtual void emergency_write(const char* text, size_t size) = 0;
    virtual void power_off() = 0;
    virtual void halt() = 0;

  protected:
    ~Port() = default;
};

// What kernel code asks at every turn, kept as data by the machine.
struct Present {
    Port* port = nullptr;            // the process's; set before any kernel code runs
    void* kernel_storage = nullptr;  // kernel_size() zeroed bytes; likewise
    unsigned cpu = 0;                // whose code runs
};
#ifdef ORRERY_HOST_THREADS
// Each thread of the process is a CPU: for parts of the kernel under real threads.
extern constinit thread_local Present present;
#else
extern Present present;
#endif

[[nodiscard]] inline Port& port() {
    return *present.port;
}

// Bytes that Present::kernel_storage must offer.
[[nodiscard]] size_t kernel_size();

}  // namespace hal::host
