// SPDX-License-Identifier: Apache-2.0
// The HAL of bare AArch64: what is not a single instruction.
#include "hal/machine.hpp"

#include "hal/aarch64/descriptor.hpp"

namespace hal {
namespace {

// Power State Coordination Interface (DEN 0022), functions and results.
constexpr uint64_t psci_system_off = 0x8400'0008;
constexpr uint64_t psci_cpu_on = 0xc400'0003;

uint64_t firmware_call(PowerConduit conduit, uint64_t function, uint64_t argument1,
                       uint64_t argument2, uint64_t argument3) {
    register uint64_t x0 asm("x0") = function;
    register uint64_t x1 asm("x1") = argument1;
    register uint64_t x2 asm("x2") = argument2;
    register uint64_t x3 asm("x3") = argument3;
    if (conduit == PowerConduit::Hypervisor) {
        asm volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
    } else {
        asm volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
    }
    return x0;
}

PhysicalAddress image_physical = 0;
aarch64::Table empty_table;  // what TTBR0 points to when no thread runs

PhysicalAddress image_to_physical(const void* symbol) {
    return reinterpret_cast<uint64_t>(symbol) - aarch64::image_virtual() + image_physical;
}

}  // namespace

extern "C" {

alignas(4096) aarch64::GuardedStack kernel_stacks[max_cpus] __attribute__((section(".bss.stacks")));
aarch64::CpuLocal cpu_locals[max_cpus];

// Words for which there was no console yet, for a debugger.
char emergency_log[4096];
size_t emergency_log_used = 0;

extern const char image_end[];
void secondary_entry();

// The identity mapping that the MMU was turned on under is global: it must go before programs run.
void leave_identity_map() {
    Machine::clear_user_space();
    asm volatile("dsb nshst\n tlbi vmalle1\n dsb nsh\n isb" ::: "memory");
}

// Maps the tree as long as it says it is. Zero if that cannot be.
size_t map_device_tree(PhysicalAddress tree) {
    constexpr size_t longest = 2 * 1024 * 1024;  // of the boot protocol
    if (tree % 8 != 0 || !aarch64::map_memory(tree, page_size)) return 0;
    // Both words of the header's beginning lie in the first page.
    const auto* header = static_cast<const uint32_t*>(Machine::direct(tree));
    const size_t size = __builtin_bswap32(header[1]);
    if (__builtin_bswap32(header[0]) != 0xd00d'feed || size > longest) return page_size;
    return aarch64::map_memory(tree, size) ? size : 0;
}

UserFrame* hal_boot(PhysicalAddress device_tree, PhysicalAddress image) {
    image_physical = image;
    aarch64::set_image(image);
    leave_identity_map();
    BootInformation boot{};
    boot.device_tree = Machine::direct(device_tree);
    boot.device_tree_limit = map_device_tree(device_tree);
    boot.device_tree_physical = device_tree;
    boot.image_begin = image;
    boot.image_end = image + static_cast<uint64_t>(image_end - aarch64::image_begin);
    uint64_t mpidr;
    asm("mrs %0, mpidr_el1" : "=r"(mpidr));
    boot.hardware_id = mpidr & 0xff'00ff'ffff;
    return kernel::entry::boot(boot);
}

UserFrame* hal_secondary(uint64_t cpu) {
    leave_identity_map();
    return kernel::entry::secondary(static_cast<unsigned>(cpu));
}

Resume hal_trap(Trap trap) {
    return kernel::entry::trap(trap);
}

void hal_interrupt_in_kernel() {
    kernel::entry::interrupt_in_kernel();
}

void hal_fault_in_kernel(Trap trap, uint64_t pc) {
    kernel::entry::fault_in_kernel(trap, pc);
}

}  // extern "C"

bool Machine::start_cpu(unsigned cpu, uint64_t hardware_id, PowerConduit conduit) {
    if (conduit == PowerConduit::None) return false;
    // The new CPU starts with its caches off: what it reads then must be in memory. Its tables and
    // code are clean since boot; its stack it writes itself.
    const PhysicalAddress entry =
        image_to_physical(reinterpret_cast<const void*>(&secondary_entry));
    return firmware_call(conduit, psci_cpu_on, hardware_id, entry, cpu) == 0;
}

void Machine::clear_user_space() {
    set_user_space(image_to_physical(&empty_table), 0);
}

void Machine::emergency_write(const char* text, size_t size) {
    for (size_t i = 0; i < size && emergency_log_used < sizeof emergency_log; ++i) {
        emergency_log[emergency_log_used++] = text[i];
    }
}

void Machine::power_off(PowerConduit conduit) {
    if (conduit != PowerConduit::None) firmware_call(conduit, psci_system_off, 0, 0, 0);
}

void Machine::halt() {
    for (;;) {
        interrupts_off();
        wait_for_interrupt();
    }
}

}  // namespace hal
