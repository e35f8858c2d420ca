// SPDX-License-Identifier: Apache-2.0
// Syndrome: tables of the exception classes and fault status codes.
#include "sim/trace/syndrome.hpp"

#include <fmt/format.h>

namespace orrery::trace {

namespace {

// ESR_EL1.EC, bits 31:26: what was trapped.
enum class ExceptionClass : uint32_t {
    Unknown = 0x00,
    WaitFor = 0x01,
    FloatingPointAccess = 0x07,
    IllegalState = 0x0e,
    SystemCall = 0x15,
    SystemRegister = 0x18,
    PointerAuthentication = 0x1c,
    InstructionAbortLower = 0x20,
    InstructionAbort = 0x21,
    PcAlignment = 0x22,
    DataAbortLower = 0x24,
    DataAbort = 0x25,
    SpAlignment = 0x26,
    FloatingPoint = 0x2c,
    SystemError = 0x2f,
    BreakpointLower = 0x30,
    Breakpoint = 0x31,
    StepLower = 0x32,
    Step = 0x33,
    WatchpointLower = 0x34,
    Watchpoint = 0x35,
    BreakInstruction = 0x3c,
};

constexpr uint64_t write_not_read = 1 << 6;      // ISS.WnR of data aborts
constexpr uint64_t walk_of_stage_one = 1 << 7;   // ISS.S1PTW
constexpr uint64_t cache_maintenance = 1 << 8;   // ISS.CM of data aborts
constexpr uint64_t address_not_valid = 1 << 10;  // ISS.FnV of aborts
constexpr uint64_t immediate_mask = 0xffff;      // of svc and brk
constexpr uint64_t fault_status_mask = 0x3f;     // ISS.DFSC and ISS.IFSC
constexpr uint64_t synchronous_external = 0x10;  // the only code where FnV has a meaning

ExceptionClass exception_class(uint64_t syndrome) {
    return static_cast<ExceptionClass>(syndrome >> 26 & 0x3f);
}

std::string fault_status(uint64_t code) {
    const uint64_t level = code & 3;
    switch (code >> 2) {
        case 0b0000: return fmt::format("address size fault level {}", level);
        case 0b0001: return fmt::format("translation fault level {}", level);
        case 0b0010: return fmt::format("access flag fault level {}", level);
        case 0b0011: return fmt::format("permission fault level {}", level);
        case 0b0101: return fmt::format("external abort on table walk level {}", level);
        case 0b0111: return fmt::format("parity error on table walk level {}", level);
        default: break;
    }
    switch (code) {
        case synchronous_external: return "external abort";
        case 0b011000: return "parity error";
        case 0b100001: return "alignment fault";
        case 0b101001: return "address size fault level -1";
        case 0b101011: return "translation fault level -1";
        case 0b110000: return "translation cache conflict";
        case 0b110001: return "unsupported atomic update of a table";
        case 0b110100: return "lockdown fault";
        case 0b110101: return "unsupported exclusive or atomic access";
        default: return fmt::format("fault status {:#04x}", code);
    }
}

std::string data_abort(uint64_t syndrome, const char* where) {
    const char* access = (syndrome & write_not_read) != 0 ? "write" : "read";
    if ((syndrome & cache_maintenance) != 0) access = "cache maintenance";
    return fmt::format("data abort{}, {}, {}{}", where, access,
                       fault_status(syndrome & fault_status_mask),
                       (syndrome & walk_of_stage_one) != 0 ? " at stage two of a table walk" : "");
}

std::string instruction_abort(uint64_t syndrome, const char* where) {
    return fmt::format("instruction abort{}, fetch, {}", where,
                       fault_status(syndrome & fault_status_mask));
}

}  // namespace

std::string describe_syndrome(uint64_t syndrome) {
    const ExceptionClass what = exception_class(syndrome);
    switch (what) {
        case ExceptionClass::Unknown: return "undefined instruction";
        case ExceptionClass::WaitFor: return "trapped wait instruction";
        case ExceptionClass::FloatingPointAccess: return "floating point access while disabled";
        case ExceptionClass::IllegalState: return "illegal execution state";
        case ExceptionClass::SystemCall:
            return fmt::format("system call, svc #{}", syndrome & immediate_mask);
        case ExceptionClass::SystemRegister: return "trapped system register access";
        case ExceptionClass::PointerAuthentication: return "pointer authentication failure";
        case ExceptionClass::InstructionAbortLower: return instruction_abort(syndrome, "");
        case ExceptionClass::InstructionAbort: return instruction_abort(syndrome, " in the kernel");
        case ExceptionClass::PcAlignment: return "misaligned program counter";
        case ExceptionClass::DataAbortLower: return data_abort(syndrome, "");
        case ExceptionClass::DataAbort: return data_abort(syndrome, " in the kernel");
        case ExceptionClass::SpAlignment: return "misaligned stack pointer";
        case ExceptionClass::FloatingPoint: return "floating point exception";
        case ExceptionClass::SystemError: return "system error, asynchronous abort";
        case ExceptionClass::BreakpointLower: return "breakpoint";
        case ExceptionClass::Breakpoint: return "breakpoint in the kernel";
        case ExceptionClass::StepLower: return "software step";
        case ExceptionClass::Step: return "software step in the kernel";
        case ExceptionClass::WatchpointLower: return "watchpoint";
        case ExceptionClass::Watchpoint: return "watchpoint in the kernel";
        case ExceptionClass::BreakInstruction:
            return fmt::format("breakpoint instruction, brk #{}", syndrome & immediate_mask);
    }
    return fmt::format("exception class {:#04x}", static_cast<uint32_t>(what));
}

bool syndrome_has_address(uint64_t syndrome) {
    switch (exception_class(syndrome)) {
        case ExceptionClass::InstructionAbortLower:
        case ExceptionClass::InstructionAbort:
        case ExceptionClass::DataAbortLower:
        case ExceptionClass::DataAbort:
            return (syndrome & fault_status_mask) != synchronous_external ||
                   (syndrome & address_not_valid) == 0;
        case ExceptionClass::PcAlignment:
        case ExceptionClass::WatchpointLower:
        case ExceptionClass::Watchpoint: return true;
        default: return false;
    }
}

}  // namespace orrery::trace
