// SPDX-License-Identifier: Apache-2.0
// The Power State Coordination Interface.
#include "sim/phone/firmware.hpp"

namespace orrery::phone {
namespace {

// Function identifiers (DEN 0022, chapter 5). Bit 30 marks the form with 64-bit arguments.
enum class Function : uint32_t {
    Version = 0x8400'0000,
    CpuOff = 0x8400'0002,
    CpuOn = 0x8400'0003,
    CpuOn64 = 0xc400'0003,
    AffinityInfo = 0x8400'0004,
    AffinityInfo64 = 0xc400'0004,
    SystemOff = 0x8400'0008,
    SystemReset = 0x8400'0009,
    Features = 0x8400'000a,
};

// Return codes (DEN 0022, section 5.2.2).
constexpr int64_t success = 0;
constexpr int64_t not_supported = -1;
constexpr int64_t invalid_parameters = -2;
constexpr int64_t already_on = -4;
constexpr int64_t on_pending = -5;

constexpr int64_t version_1_0 = 0x1'0000;

// Results of AFFINITY_INFO.
constexpr int64_t affinity_on = 0;
constexpr int64_t affinity_off = 1;
constexpr int64_t affinity_on_pending = 2;

bool is_known(uint64_t function) {
    switch (static_cast<Function>(function)) {
        case Function::Version:
        case Function::CpuOff:
        case Function::CpuOn:
        case Function::CpuOn64:
        case Function::AffinityInfo:
        case Function::AffinityInfo64:
        case Function::SystemOff:
        case Function::SystemReset:
        case Function::Features: return true;
    }
    return false;
}

}  // namespace

void Firmware::add_cpu(IssCpu& cpu) {
    cpus_.push_back(&cpu);
    cpu.on_firmware_call = [this](const Arguments& arguments) { return call(arguments); };
}

IssCpu* Firmware::find(uint64_t affinity) const {
    for (IssCpu* cpu : cpus_)
        if (cpu->affinity() == affinity) return cpu;
    return nullptr;
}

std::optional<uint64_t> Firmware::call(const Arguments& arguments) {
    int64_t result = not_supported;
    switch (static_cast<Function>(arguments[0])) {
        case Function::Version: result = version_1_0; break;
        case Function::CpuOff: return {};
        case Function::CpuOn:
        case Function::CpuOn64: result = cpu_on(arguments); break;
        case Function::AffinityInfo:
        case Function::AffinityInfo64: result = affinity_info(arguments); break;
        case Function::SystemOff: on_system_off(); return {};
        case Function::SystemReset: on_system_reset(); return {};
        case Function::Features: result = is_known(arguments[1]) ? success : not_supported; break;
    }
    return static_cast<uint64_t>(result);
}

int64_t Firmware::cpu_on(const Arguments& arguments) {
    IssCpu* cpu = find(arguments[1]);
    if (cpu == nullptr) return invalid_parameters;
    if (cpu->power() == IssCpu::Power::On) return already_on;
    if (cpu->power() == IssCpu::Power::Pending) return on_pending;
    cpu->start(arguments[2], arguments[3]);
    return success;
}

int64_t Firmware::affinity_info(const Arguments& arguments) const {
    const IssCpu* cpu = find(arguments[1]);
    if (cpu == nullptr) return invalid_parameters;
    switch (cpu->power()) {
        case IssCpu::Power::On: return affinity_on;
        case IssCpu::Power::Pending: return affinity_on_pending;
        case IssCpu::Power::Off: break;
    }
    return affinity_off;
}

}  // namespace orrery::phone
