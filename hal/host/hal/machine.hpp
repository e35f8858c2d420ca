// SPDX-License-Identifier: Apache-2.0
// The HAL of the host build: the contract answered by the process's Port. Interrupts are never host
// signals; they are looked at where the kernel lets them in.
#pragma once

#include "hal/contract.hpp"
#include "hal/host/port.hpp"

namespace hal {

struct Machine {
    static unsigned cpu_index() { return host::present.cpu; }
    static bool start_cpu(unsigned cpu, uint64_t hardware_id, PowerConduit) {
        return host::port().start_cpu(cpu, hardware_id);
    }

    static void vector_save(VectorState& out) { host::port().vector_save(out); }
    static void vector_restore(const VectorState& in) { host::port().vector_restore(in); }
    static void run_above(UserFrame& frame) { host::port().run_above(frame); }

    static void set_user_space(PhysicalAddress root, uint16_t asid) {
        host::port().set_user_space(root, asid);
    }
    static void clear_user_space() { host::port().clear_user_space(); }
    static void publish_tables() {}  // one process: writes are visible in order
    static void invalidate_address(VirtualAddress va, uint16_t asid) {
        host::port().invalidate_page(va, asid);
    }
    static void finish_invalidations() {}  // they are done at once
    static void invalidate_space(uint16_t asid) { host::port().invalidate_space(asid); }
    static void synchronise_code(const void* code, size_t size) {
        host::port().synchronise_code(physical(code), size);
    }

    static void interrupts_on() {
        if (interrupt_pending()) host::port().interrupt_in_kernel();
    }
    static void interrupts_off() {}
    static bool interrupt_pending() { return host::port().interrupt_pending(); }
    static void wait_for_interrupt() { host::port().wait_for_interrupt(); }

    static uint64_t map_device(PhysicalAddress pa, size_t) { return pa; }
    static uint32_t read32(uint64_t reg) { return host::port().read32(reg); }
    static void write32(uint64_t reg, uint32_t value) { host::port().write32(reg, value); }

    static uint64_t counter() { return host::port().counter(); }
    static uint64_t counter_frequency() { return host::port().counter_frequency(); }
    static void set_deadline(uint64_t ticks) { host::port().set_deadline(ticks); }
    static void clear_deadline() { host::port().clear_deadline(); }
    static void relax() { host::port().relax(); }

    static void* direct(PhysicalAddress pa) {
        return reinterpret_cast<void*>(pa + host::direct_base);
    }
    static PhysicalAddress physical(const void* pointer) {
        return reinterpret_cast<uint64_t>(pointer) - host::direct_base;
    }
    static bool map_memory(PhysicalAddress pa, size_t size) {
        return host::port().map_memory(pa, size);
    }
    static void* kernel_storage() { return host::present.kernel_storage; }

    static void emergency_write(const char* text, size_t size) {
        host::port().emergency_write(text, size);
    }
    static void hold() {}  // the simulator stops time by itself
    static void power_off(PowerConduit) { host::port().power_off(); }
    static void halt() { host::port().halt(); }
};

static_assert(Contract<Machine>);

}  // namespace hal
