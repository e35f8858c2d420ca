// SPDX-License-Identifier: Apache-2.0
// SCMI over shared memory and a mailbox (DEN 0056, chapter 5).
#include "devices/scmi_platform.hpp"

#include <cstring>

#include "devices/exact_time.hpp"
#include "devices/scmi_base.hpp"

namespace orrery::devices {

namespace {

constexpr uint32_t header_size = 4;
constexpr uint32_t most_length =
    ScmiPlatform::channel_size - static_cast<uint32_t>(ScmiChannel::HEADER);
constexpr size_t reply_room = (most_length - header_size) / 4 - 1;  // words behind the status
constexpr uint32_t interrupt_wanted = 1U << 0U;

std::vector<ScmiProtocolId> ids(const std::vector<std::unique_ptr<ScmiProtocol>>& protocols) {
    std::vector<ScmiProtocolId> list;
    for (const auto& protocol : protocols) list.push_back(protocol->id());
    return list;
}

}  // namespace

ScmiPlatform::ScmiPlatform(sc_core::sc_module_name name, std::span<std::byte> shared, Mhu& mailbox,
                           std::vector<std::unique_ptr<ScmiProtocol>> protocols,
                           sc_core::sc_time response_time, Observer* observer)
    : sc_module{name},
      shared_{shared},
      mailbox_{mailbox},
      protocols_{std::move(protocols)},
      response_time_{response_time},
      observer_{observer} {
    SC_HAS_PROCESS(ScmiPlatform);
    SC_METHOD(answer);
    sensitive << answer_event_;
    dont_initialize();
    protocols_.push_back(std::make_unique<ScmiBase>(ids(protocols_)));
    reset();
}

uint32_t ScmiPlatform::word(ScmiChannel field, size_t index) const {
    uint32_t value = 0;
    std::memcpy(&value, &shared_[static_cast<size_t>(field) + index * 4], sizeof value);
    return value;
}

void ScmiPlatform::set_word(ScmiChannel field, uint32_t value, size_t index) {
    std::memcpy(&shared_[static_cast<size_t>(field) + index * 4], &value, sizeof value);
}

void ScmiPlatform::on_doorbell(unsigned channel, uint32_t bits, const sc_core::sc_time& now) {
    const uint32_t mine = channel == Mhu::low_priority ? bits & doorbell : 0;
    if (bits != mine) mailbox_.acknowledge(channel, bits & ~mine);  // nobody is there
    if (mine == 0) return;
    notify_at(answer_event_, now + response_time_);
}

void ScmiPlatform::answer() {
    // Without a message there is nothing to answer.
    const bool busy = (word(ScmiChannel::STATUS) & ScmiChannelStatus::FREE) == 0;
    mailbox_.acknowledge(Mhu::low_priority, doorbell);
    if (!busy) return;

    const uint32_t length = word(ScmiChannel::LENGTH);
    const bool whole = length >= header_size && length <= most_length && length % 4 == 0;
    if (whole) {
        const uint32_t header = word(ScmiChannel::HEADER);
        if (observer_ != nullptr) observer_->device_event(name(), "message", header);
        const ScmiReply reply = reply_to(header, length);
        const size_t words = reply.status == ScmiStatus::SUCCESS ? reply.words.size() : 0;
        set_word(ScmiChannel::PAYLOAD, static_cast<uint32_t>(reply.status));
        for (size_t i = 0; i < words; ++i) {
            set_word(ScmiChannel::PAYLOAD, reply.words[i], i + 1);
        }
        set_word(ScmiChannel::LENGTH, static_cast<uint32_t>(header_size + 4 * (words + 1)));
    }
    set_word(ScmiChannel::STATUS, ScmiChannelStatus::FREE | (whole ? 0 : ScmiChannelStatus::ERROR));
    if ((word(ScmiChannel::FLAGS) & interrupt_wanted) != 0) {
        mailbox_.ring(Mhu::low_priority, doorbell);
    }
}

ScmiReply ScmiPlatform::reply_to(uint32_t header, uint32_t length) {
    if (ScmiHeader::type(header) != 0) return ScmiStatus::PROTOCOL_ERROR;
    std::vector<uint32_t> parameters((length - header_size) / 4);
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i] = word(ScmiChannel::PAYLOAD, i);
    for (const auto& protocol : protocols_) {
        if (static_cast<uint32_t>(protocol->id()) != ScmiHeader::protocol(header)) continue;
        return protocol->handle(ScmiHeader::message(header), parameters, reply_room);
    }
    return ScmiStatus::NOT_SUPPORTED;
}

void ScmiPlatform::reset() {
    answer_event_.cancel();
    set_word(ScmiChannel::STATUS, ScmiChannelStatus::FREE);
}

}  // namespace orrery::devices
