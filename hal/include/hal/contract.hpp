// SPDX-License-Identifier: Apache-2.0
// The contract between the kernel and the machine. A HAL is a struct `hal::Machine` in its
// `hal/machine.hpp`, found by include path; it ends with `static_assert(hal::Contract<Machine>)`,
// so that drift between two builds is a compile error. All functions are static.
//
// Invariant: kernel code runs with interrupts off, on one stack for each CPU, and never sleeps, but
// may have threads run above itself until they leave the CPU to it again. An interrupt is taken at
// EL0, inside wait_for_interrupt()'s caller (who asks the controller), or between interrupts_on()
// and interrupts_off().
#pragma once

#include <concepts>

#include "hal/types.hpp"

namespace hal {

// Which CPU this is (a dense index, 0 is the boot CPU), and starting the others.
template <class M>
concept CpuContract = requires(unsigned cpu, uint64_t hardware_id, PowerConduit conduit) {
    { M::cpu_index() } -> std::same_as<unsigned>;
    // Starts CPU `cpu`, which enters entry::secondary(cpu). False when the firmware refuses.
    { M::start_cpu(cpu, hardware_id, conduit) } -> std::same_as<bool>;
};

// The machine state of a thread that is not in its UserFrame.
template <class M>
concept ThreadStateContract = requires(VectorState& out, const VectorState& in, UserFrame& frame) {
    { M::vector_save(out) } -> std::same_as<void>;
    { M::vector_restore(in) } -> std::same_as<void>;
    // Runs the thread of the frame, and those that take its place, above the kernel code that
    // calls, on the rest of its stack: returns once entry::trap() has returned no frame.
    // Precondition: interrupts are off.
    { M::run_above(frame) } -> std::same_as<void>;
};

// Translation: the user half is a VMSAv8-64 tree of 4 KiB granule, 48 bits, four levels.
template <class M>
concept TranslationContract = requires(PhysicalAddress root, uint16_t asid, VirtualAddress va,
                                       const void* code, size_t size) {
    { M::set_user_space(root, asid) } -> std::same_as<void>;
    { M::clear_user_space() } -> std::same_as<void>;
    // Makes table entries written so far visible to every table walker.
    { M::publish_tables() } -> std::same_as<void>;
    // Begins to invalidate, on all CPUs, what leads to this address: its page or block, and the
    // tables on the way. So many of them can be begun before one wait.
    { M::invalidate_address(va, asid) } -> std::same_as<void>;
    // Returns when no CPU can use a translation any more whose invalidation was begun here.
    { M::finish_invalidations() } -> std::same_as<void>;
    // The whole of an address space; waits as well.
    { M::invalidate_space(asid) } -> std::same_as<void>;
    // Bytes just written through the direct map will be executed.
    { M::synchronise_code(code, size) } -> std::same_as<void>;
};

template <class M>
concept InterruptContract = requires {
    { M::interrupts_on() } -> std::same_as<void>;
    { M::interrupts_off() } -> std::same_as<void>;
    { M::interrupt_pending() } -> std::same_as<bool>;
    // Returns when an interrupt is pending for this CPU, which has interrupts off.
    { M::wait_for_interrupt() } -> std::same_as<void>;
};

// Device registers: a Register base comes from map_device() and is never dereferenced directly.
template <class M>
concept DeviceContract = requires(PhysicalAddress pa, size_t size, uint64_t reg, uint32_t value) {
    { M::map_device(pa, size) } -> std::same_as<uint64_t>;  // 0 when there is no room
    { M::read32(reg) } -> std::same_as<uint32_t>;
    { M::write32(reg, value) } -> std::same_as<void>;
};

// Time: the generic timer's virtual counter, and one deadline a CPU.
template <class M>
concept TimeContract = requires(uint64_t ticks) {
    { M::counter() } -> std::same_as<uint64_t>;
    { M::counter_frequency() } -> std::same_as<uint64_t>;
    { M::set_deadline(ticks) } -> std::same_as<void>;
    { M::clear_deadline() } -> std::same_as<void>;
    // For every wait in a loop: in the model this lets time pass.
    { M::relax() } -> std::same_as<void>;
};

// Memory: all RAM is seen through the direct map, once it has been announced.
template <class M>
concept MemoryContract = requires(PhysicalAddress pa, size_t size, const void* pointer) {
    { M::direct(pa) } -> std::same_as<void*>;
    { M::physical(pointer) } -> std::same_as<PhysicalAddress>;
    { M::map_memory(pa, size) } -> std::same_as<bool>;
    // Zeroed storage for the one Kernel object, the same address at each call.
    { M::kernel_storage() } -> std::same_as<void*>;
};

template <class M>
concept EndContract = requires(const char* text, size_t size, PowerConduit conduit) {
    // A last resort for words when there is no console yet; a debugger or the simulator shows them.
    { M::emergency_write(text, size) } -> std::same_as<void>;
    // A place for a debugger's breakpoint: see abi::KernelInfo::hold_at.
    { M::hold() } -> std::same_as<void>;
    { M::power_off(conduit) } -> std::same_as<void>;  // does not return
    { M::halt() } -> std::same_as<void>;              // does not return: after a panic
};

template <class M>
concept Contract =
    CpuContract<M> && ThreadStateContract<M> && TranslationContract<M> && InterruptContract<M> &&
    DeviceContract<M> && TimeContract<M> && MemoryContract<M> && EndContract<M>;

}  // namespace hal

// What the machine calls in the kernel. Those that return a frame return that of the thread to run
// next; trap() returns none where run_above() is to return.
namespace kernel::entry {

[[nodiscard]] hal::UserFrame* boot(const hal::BootInformation& information);
[[nodiscard]] hal::UserFrame* secondary(unsigned cpu);
// The current thread's frame has been filled with its registers.
[[nodiscard]] hal::Resume trap(hal::Trap trap);
// An interrupt between interrupts_on() and interrupts_off().
void interrupt_in_kernel();
// An exception that kernel code caused. Does not return.
[[noreturn]] void fault_in_kernel(hal::Trap trap, uint64_t pc);

}  // namespace kernel::entry
