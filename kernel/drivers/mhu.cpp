// SPDX-License-Identifier: Apache-2.0
// Driver of the Message Handling Unit.
#include "kernel/drivers/mhu.hpp"

#include "hal/machine.hpp"

namespace kernel {
namespace {

using hal::Machine;

constexpr uint64_t frame_size = 0x1000;
constexpr uint64_t to_platform = 0x100;      // CPU_INTR_L_STAT
constexpr uint64_t channel_distance = 0x20;  // to CPU_INTR_H_STAT

// Of a channel.
enum Register : uint64_t {
    SET = 0x08,    // wo  CPU_INTR_x_SET
    CLEAR = 0x10,  // wo  CPU_INTR_x_CLEAR
};

}  // namespace

Status Mhu::initialise(hal::PhysicalAddress registers, uint32_t channel, uint32_t doorbell) {
    if (channel > 1 || doorbell > 31) return Status::Unsupported;
    const uint64_t base = Machine::map_device(registers, frame_size);
    if (base == 0) return Status::NoMemory;
    channel_ = base + to_platform + channel * channel_distance;
    bit_ = 1U << doorbell;
    Machine::write32(channel_ + CLEAR, bit_);
    return Status::Ok;
}

void Mhu::ring() {
    Machine::write32(channel_ + SET, bit_);
}

}  // namespace kernel
