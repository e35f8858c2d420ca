// SPDX-License-Identifier: Apache-2.0
// ESR_ELx, the exception syndrome: the fields that the engine reads and the syndromes it makes.
#pragma once

#include <cstdint>

#include "sim/engine/stop.hpp"

namespace orrery::engine {

// ESR_ELx.EC, exception class.
enum class ExceptionClass : std::uint8_t {
    Unknown = 0x00,
    SystemCall = 0x15,
    SystemRegisterTrap = 0x18,
    InstructionAbort = 0x20,  // from a lower exception level
    InstructionAbortSameLevel = 0x21,
    PcAlignment = 0x22,
    DataAbort = 0x24,  // from a lower exception level
    Breakpoint = 0x3c,
};

// IFSC and DFSC, fault status code.
inline constexpr std::uint64_t fault_status_mask = 0x3f;
inline constexpr std::uint64_t fault_status_external = 0x10;

// ESR_ELx.IL, 32-bit instruction.
inline constexpr std::uint64_t syndrome_il = 1u << 25;

[[nodiscard]] constexpr ExceptionClass exception_class(std::uint64_t esr) {
    return static_cast<ExceptionClass>(esr >> 26 & 0x3f);
}

[[nodiscard]] constexpr std::uint64_t make_syndrome(ExceptionClass exception, std::uint64_t iss) {
    return std::uint64_t{static_cast<std::uint8_t>(exception)} << 26 | syndrome_il | iss;
}

[[nodiscard]] constexpr bool is_abort(std::uint64_t esr) {
    return exception_class(esr) == ExceptionClass::InstructionAbort ||
           exception_class(esr) == ExceptionClass::DataAbort;
}

// The library's syndrome of a trapped MSR DAIFSet or DAIFClr, the only one with op0 zero, has op1
// and op2 exchanged.
[[nodiscard]] constexpr std::uint64_t corrected_syndrome(std::uint64_t esr) {
    constexpr unsigned op0 = 20;
    constexpr unsigned op1 = 14;
    constexpr unsigned op2 = 17;
    constexpr std::uint64_t field = 7;
    if (exception_class(esr) != ExceptionClass::SystemRegisterTrap || (esr >> op0 & 3) != 0)
        return esr;
    const std::uint64_t others = esr & ~(field << op1 | field << op2);
    return others | (esr >> op1 & field) << op2 | (esr >> op2 & field) << op1;
}

// Everything that EL0 may not do and that has no class of its own here is Undefined; the syndrome
// still tells a trapped system register (class 0x18) from an unallocated encoding (class 0).
[[nodiscard]] constexpr StopReason reason_of(std::uint64_t esr) {
    if (is_abort(esr) && (esr & fault_status_mask) == fault_status_external)
        return StopReason::ExternalAbort;
    switch (exception_class(esr)) {
        case ExceptionClass::SystemCall: return StopReason::SystemCall;
        case ExceptionClass::InstructionAbort: return StopReason::InstructionAbort;
        case ExceptionClass::DataAbort: return StopReason::DataAbort;
        case ExceptionClass::PcAlignment: return StopReason::PcAlignment;
        case ExceptionClass::Breakpoint: return StopReason::Breakpoint;
        default: return StopReason::Undefined;
    }
}

}  // namespace orrery::engine
