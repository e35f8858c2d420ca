// SPDX-License-Identifier: Apache-2.0
// SCMI messages.
#include "kernel/drivers/scmi.hpp"

#include "hal/machine.hpp"

namespace kernel {
namespace {

using hal::Machine;

// The shared memory of a channel (DEN 0056, chapter 5).
enum Field : uint64_t {
    STATUS = 0x04,   // Channel status: bit 0 free, bit 1 error
    FLAGS = 0x10,    // Channel flags: bit 0, interrupt on completion
    LENGTH = 0x14,   // Bytes of header and payload
    HEADER = 0x18,   // Message header: message 7:0, protocol 17:10, token 27:18
    PAYLOAD = 0x1c,  // Message payload
};

constexpr uint32_t channel_free = 1U << 0;
constexpr uint32_t channel_error = 1U << 1;
constexpr uint32_t header_size = 4;
constexpr uint32_t status_size = 4;
constexpr uint32_t token_mask = 0x3ff;
constexpr uint64_t patience_fraction = 100;  // of a second: 10 ms

Status status_of(int32_t platform) {
    switch (platform) {
        case 0: return Status::Ok;
        case -2: return Status::InvalidArgument;   // INVALID_PARAMETERS
        case -3: return Status::PermissionDenied;  // DENIED
        case -4: return Status::NotFound;          // NOT_FOUND
        case -5: return Status::InvalidArgument;   // OUT_OF_RANGE
        case -6: return Status::Busy;              // BUSY
        default: return Status::Unsupported;
    }
}

}  // namespace

Status Scmi::initialise(const ScmiDescription& description) {
    if (description.mailbox == 0) return Status::NotFound;
    if (description.shared_size < PAYLOAD + status_size) return Status::Unsupported;
    TRY_STATUS(mailbox_.initialise(description.mailbox, description.channel, description.doorbell));
    shared_ = Machine::map_device(description.shared_memory, description.shared_size);
    if (shared_ == 0) return Status::NoMemory;
    const uint64_t words = (description.shared_size - PAYLOAD) / 4;
    words_ = words < most_words ? static_cast<uint32_t>(words) : most_words;
    return Status::Ok;
}

bool Scmi::wait_until_free() {
    const uint64_t deadline = Machine::counter() + Machine::counter_frequency() / patience_fraction;
    while ((Machine::read32(shared_ + STATUS) & channel_free) == 0) {
        if (Machine::counter() > deadline) return false;
        Machine::relax();
    }
    return true;
}

Status Scmi::call(Protocol protocol, uint32_t message, std::span<const uint32_t> parameters,
                  std::span<uint32_t> answer) {
    if (dead_) return Status::Unsupported;
    if (parameters.size() > words_) return Status::InvalidArgument;
    dead_ = !wait_until_free();
    if (dead_) return Status::Unsupported;

    token_ = (token_ + 1) & token_mask;
    const uint32_t header = message | static_cast<uint32_t>(protocol) << 10 | token_ << 18;
    Machine::write32(shared_ + STATUS, 0);
    Machine::write32(shared_ + FLAGS, 0);
    Machine::write32(shared_ + LENGTH, header_size + 4 * static_cast<uint32_t>(parameters.size()));
    Machine::write32(shared_ + HEADER, header);
    for (size_t i = 0; i < parameters.size(); ++i) {
        Machine::write32(shared_ + PAYLOAD + 4 * i, parameters[i]);
    }
    mailbox_.ring();
    dead_ = !wait_until_free();
    if (dead_) return Status::Unsupported;

    // What the platform says is data from outside: its length is not trusted.
    const bool failed = (Machine::read32(shared_ + STATUS) & channel_error) != 0;
    const uint32_t length = Machine::read32(shared_ + LENGTH);
    const bool ours = Machine::read32(shared_ + HEADER) == header;
    if (failed || !ours || length < header_size + status_size) return Status::Unsupported;
    TRY_STATUS(status_of(static_cast<int32_t>(Machine::read32(shared_ + PAYLOAD))));
    const uint32_t sent = (length - header_size - status_size) / 4;
    const uint32_t there = sent < words_ - 1 ? sent : words_ - 1;
    for (size_t i = 0; i < answer.size(); ++i) {
        answer[i] = i < there ? Machine::read32(shared_ + PAYLOAD + status_size + 4 * i) : 0;
    }
    return Status::Ok;
}

}  // namespace kernel
