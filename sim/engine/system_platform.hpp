// SPDX-License-Identifier: Apache-2.0
// What a system engine asks of the machine around it: devices, the generic timer, firmware.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sim/engine/bus.hpp"

namespace orrery::engine {

// The registers of the EL1 timers, physical (CNTP_*) and virtual (CNTV_*).
enum class TimerField : std::uint8_t { Control, CompareValue, TimerValue };
struct TimerAccess final {
    bool is_virtual;
    TimerField field;
};

// A call may block in the middle, as those of Bus, and must not run the same engine again. What it
// throws comes out of SystemEngine::run().
class SystemPlatform : public Bus, public Counter {
  public:
    virtual std::uint64_t read_timer(TimerAccess which) = 0;
    virtual void write_timer(TimerAccess which, std::uint64_t value) = 0;

    // HVC #0 at EL1 with X0 to X3 (SMC Calling Convention, DEN 0028): what X0 is then. Nothing if
    // the call does not return: the run ends.
    using FirmwareArguments = std::array<std::uint64_t, 4>;
    virtual std::optional<std::uint64_t> call_firmware(const FirmwareArguments& arguments) = 0;
};

}  // namespace orrery::engine
