// SPDX-License-Identifier: Apache-2.0
// The machine layer as bitcode: the functions that a HAL's header defines. Compiled once with each
// HAL on the include path; what the header only declares is not in it and stays a call.
#include "hal/machine.hpp"

namespace {

template <typename Function>
void* place(Function* function) {
    return reinterpret_cast<void*>(function);
}

}  // namespace

// An inline function comes into being by being named.
extern "C" {
extern void* const hal_machine_layer[];
void* const hal_machine_layer[] = {
    place(&hal::Machine::cpu_index),
    place(&hal::Machine::start_cpu),
    place(&hal::Machine::vector_save),
    place(&hal::Machine::vector_restore),
    place(&hal::Machine::run_above),
    place(&hal::Machine::set_user_space),
    place(&hal::Machine::clear_user_space),
    place(&hal::Machine::publish_tables),
    place(&hal::Machine::invalidate_address),
    place(&hal::Machine::finish_invalidations),
    place(&hal::Machine::invalidate_space),
    place(&hal::Machine::synchronise_code),
    place(&hal::Machine::interrupts_on),
    place(&hal::Machine::interrupts_off),
    place(&hal::Machine::interrupt_pending),
    place(&hal::Machine::wait_for_interrupt),
    place(&hal::Machine::map_device),
    place(&hal::Machine::read32),
    place(&hal::Machine::write32),
    place(&hal::Machine::counter),
    place(&hal::Machine::counter_frequency),
    place(&hal::Machine::set_deadline),
    place(&hal::Machine::clear_deadline),
    place(&hal::Machine::relax),
    place(&hal::Machine::direct),
    place(&hal::Machine::physical),
    place(&hal::Machine::map_memory),
    place(&hal::Machine::kernel_storage),
    place(&hal::Machine::emergency_write),
    place(&hal::Machine::hold),
    place(&hal::Machine::power_off),
    place(&hal::Machine::halt),
};
}
