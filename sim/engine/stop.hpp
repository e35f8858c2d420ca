// SPDX-License-Identifier: Apache-2.0
// Why an engine came back from EL0.
#pragma once

#include <cstdint>

namespace orrery::engine {

enum class StopReason : std::uint8_t {
    Budget,            // the instruction budget is used up
    Requested,         // request_stop() was called
    WaitForInterrupt,  // WFI; PC is after it
    SystemCall,        // SVC; PC is after it
    // For all others PC is at the instruction that trapped.
    InstructionAbort,
    DataAbort,
    ExternalAbort,  // the bus answered with an error; ESR tells instruction from data
    Undefined,
    Breakpoint,
    PcAlignment,
};

struct Stop final {
    StopReason reason = StopReason::Budget;
    std::uint64_t esr = 0;           // as ESR_EL1 would be; zero for the first three reasons
    std::uint64_t far = 0;           // as FAR_EL1 would be; zero where it is not defined
    std::uint64_t instructions = 0;  // executed in this run, the trapping one only if it is an SVC
    std::uint64_t parts = 0;         // what they cost, in parts of a cycle
};

}  // namespace orrery::engine
