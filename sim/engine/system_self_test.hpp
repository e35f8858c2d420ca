// SPDX-License-Identifier: Apache-2.0
// A check, once a process at start-up, that the library behaves as the system engine relies on.
#pragma once

namespace orrery::engine {

// Runs small programs at EL1 and EL0 on two engines, in some ten milliseconds. Throws
// std::runtime_error that names what is off: exceptions and their return, interrupts, waiting,
// budgets, or maintenance for other CPUs. To be called after self_test().
void system_self_test();

}  // namespace orrery::engine
