// SPDX-License-Identifier: Apache-2.0
// The HAL of bare AArch64: the contract answered by the processor.
#pragma once

#include "hal/aarch64/kernel_tables.hpp"
#include "hal/aarch64/layout.hpp"
#include "hal/contract.hpp"

namespace hal {

extern "C" {
void hal_vector_save(VectorState* out);
void hal_vector_restore(const VectorState* in);
void hal_run_above(UserFrame* frame);
void hal_synchronise_code(uint64_t begin, uint64_t end);
void kernel_hold();
extern char kernel_storage_bytes[];  // kernel/storage.cpp
}

struct Machine {
    static unsigned cpu_index() {
        const aarch64::CpuLocal* local;
        asm("mrs %0, tpidr_el1" : "=r"(local));
        return static_cast<unsigned>(local->index);
    }
    static bool start_cpu(unsigned cpu, uint64_t hardware_id, PowerConduit conduit);

    static void vector_save(VectorState& out) { hal_vector_save(&out); }
    static void vector_restore(const VectorState& in) { hal_vector_restore(&in); }
    static void run_above(UserFrame& frame) { hal_run_above(&frame); }

    static void set_user_space(PhysicalAddress root, uint16_t asid) {
        const uint64_t value = root | static_cast<uint64_t>(asid) << 48;
        asm volatile("msr ttbr0_el1, %0\n isb" ::"r"(value) : "memory");
    }
    // ASID 0 and an empty table: no user translation can be made.
    static void clear_user_space();
    static void publish_tables() { asm volatile("dsb ishst" ::: "memory"); }
    static void invalidate_address(VirtualAddress va, uint16_t asid) {
        const uint64_t operand = static_cast<uint64_t>(asid) << 48 | (va >> 12 & 0xfff'ffff'ffff);
        asm volatile("tlbi vae1is, %0" ::"r"(operand) : "memory");
    }
    static void finish_invalidations() { asm volatile("dsb ish\n isb" ::: "memory"); }
    static void invalidate_space(uint16_t asid) {
        const uint64_t operand = static_cast<uint64_t>(asid) << 48;
        asm volatile("tlbi aside1is, %0\n dsb ish\n isb" ::"r"(operand) : "memory");
    }
    static void synchronise_code(const void* code, size_t size) {
        const auto begin = reinterpret_cast<uint64_t>(code);
        hal_synchronise_code(begin, begin + size);
    }

    static void interrupts_on() { asm volatile("msr daifclr, #2\n isb" ::: "memory"); }
    static void interrupts_off() { asm volatile("msr daifset, #2" ::: "memory"); }
    static bool interrupt_pending() {
        uint64_t status;
        asm volatile("mrs %0, isr_el1" : "=r"(status));
        return (status & 1 << 7) != 0;
    }
    static void wait_for_interrupt() { asm volatile("dsb sy\n wfi" ::: "memory"); }

    static uint64_t map_device(PhysicalAddress pa, size_t size) {
        return aarch64::map_device(pa, size);
    }
    static uint32_t read32(uint64_t reg) {
        uint32_t value;
        asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(reg) : "memory");
        return value;
    }
    // A device write comes after all memory writes before it: what it starts may look at them.
    static void write32(uint64_t reg, uint32_t value) {
        asm volatile("dsb st\n str %w0, [%1]" ::"r"(value), "r"(reg) : "memory");
    }

    static uint64_t counter() {
        uint64_t value;
        asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(value)::"memory");
        return value;
    }
    static uint64_t counter_frequency() {
        uint64_t value;
        asm("mrs %0, cntfrq_el0" : "=r"(value));
        return value;
    }
    static void set_deadline(uint64_t ticks) {
        asm volatile("msr cntv_cval_el0, %0\n msr cntv_ctl_el0, %1\n isb" ::"r"(ticks), "r"(1ULL));
    }
    static void clear_deadline() { asm volatile("msr cntv_ctl_el0, xzr\n isb"); }
    static void relax() { asm volatile("yield" ::: "memory"); }

    static void* direct(PhysicalAddress pa) {
        return reinterpret_cast<void*>(pa + aarch64::direct_base);
    }
    static PhysicalAddress physical(const void* pointer) {
        return reinterpret_cast<uint64_t>(pointer) - aarch64::direct_base;
    }
    static bool map_memory(PhysicalAddress pa, size_t size) {
        return aarch64::map_memory(pa, size);
    }
    static void* kernel_storage() { return kernel_storage_bytes; }

    static void emergency_write(const char* text, size_t size);
    static void hold() { kernel_hold(); }
    static void power_off(PowerConduit conduit);
    static void halt();
};

static_assert(Contract<Machine>);

}  // namespace hal
