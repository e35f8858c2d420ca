// SPDX-License-Identifier: Apache-2.0
// A check, once a process at start-up, that the library behaves as the engine relies on.
#pragma once

namespace orrery::engine {

// Runs small programs on two engines, in some ten milliseconds. Throws std::runtime_error that
// names what is off: the library's version or layout, interposition, faults, stops, or coherence.
void self_test();

}  // namespace orrery::engine
