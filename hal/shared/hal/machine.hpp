// SPDX-License-Identifier: Apache-2.0
// The HAL of code that is compiled once for two machines: the contract declared and not defined.
// The kernel compiler (sim/compiler) puts the functions of hal/aarch64 into the image, and those of
// hal/host into the host build, after the code has been optimised: what they do cannot make the two
// differ.
#pragma once

#include "hal/contract.hpp"

namespace hal {

struct Machine {
    static unsigned cpu_index();
    static bool start_cpu(unsigned cpu, uint64_t hardware_id, PowerConduit conduit);

    static void vector_save(VectorState& out);
    static void vector_restore(const VectorState& in);
    static void run_above(UserFrame& frame);

    static void set_user_space(PhysicalAddress root, uint16_t asid);
    static void clear_user_space();
    static void publish_tables();
    static void invalidate_address(VirtualAddress va, uint16_t asid);
    static void finish_invalidations();
    static void invalidate_space(uint16_t asid);
    static void synchronise_code(const void* code, size_t size);

    static void interrupts_on();
    static void interrupts_off();
    static bool interrupt_pending();
    static void wait_for_interrupt();

    static uint64_t map_device(PhysicalAddress pa, size_t size);
    static uint32_t read32(uint64_t reg);
    static void write32(uint64_t reg, uint32_t value);

    static uint64_t counter();
    static uint64_t counter_frequency();
    static void set_deadline(uint64_t ticks);
    static void clear_deadline();
    static void relax();

    // Pure: of equal addresses equal results, without a look at memory.
    [[gnu::const]] static void* direct(PhysicalAddress pa);
    [[gnu::const]] static PhysicalAddress physical(const void* pointer);
    static bool map_memory(PhysicalAddress pa, size_t size);
    static void* kernel_storage();

    static void emergency_write(const char* text, size_t size);
    static void hold();
    static void power_off(PowerConduit conduit);
    static void halt();
};

static_assert(Contract<Machine>);

}  // namespace hal
