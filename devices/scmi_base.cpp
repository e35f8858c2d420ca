// SPDX-License-Identifier: Apache-2.0
// The SCMI base protocol (DEN 0056).
#include "devices/scmi_base.hpp"

#include <algorithm>

namespace orrery::devices {

namespace {

constexpr uint32_t implementation_version = 1;
constexpr const char* agents[] = {"platform", "OSPM"};

ScmiReply name(std::string_view text) {
    ScmiReply reply{ScmiStatus::SUCCESS};
    reply.add_name(text);
    return reply;
}

ScmiReply agent(uint32_t id) {
    ScmiReply reply = std::vector{id};
    reply.add_name(agents[id]);
    return reply;
}

}  // namespace

ScmiReply ScmiBase::attributes() const {
    // Protocols in bits 7:0, agents in 15:8; the platform does not count as one.
    return std::vector{static_cast<uint32_t>(protocols_.size()) | 1U << 8U};
}

std::span<const ScmiProtocol::Command> ScmiBase::commands() const {
    using enum ScmiBaseMessage;
    static constexpr Command list[] = {
        {static_cast<uint32_t>(DISCOVER_VENDOR), 0},
        {static_cast<uint32_t>(DISCOVER_SUB_VENDOR), 0},
        {static_cast<uint32_t>(DISCOVER_IMPLEMENTATION_VERSION), 0},
        {static_cast<uint32_t>(DISCOVER_LIST_PROTOCOLS), 1},
        {static_cast<uint32_t>(DISCOVER_AGENT), 1},
    };
    return list;
}

ScmiReply ScmiBase::serve(uint32_t message, std::span<const uint32_t> parameters, size_t room) {
    switch (static_cast<ScmiBaseMessage>(message)) {
        case ScmiBaseMessage::DISCOVER_VENDOR: return name("Orrery");
        case ScmiBaseMessage::DISCOVER_SUB_VENDOR: return name("modelled");
        case ScmiBaseMessage::DISCOVER_IMPLEMENTATION_VERSION:
            return std::vector{implementation_version};
        case ScmiBaseMessage::DISCOVER_LIST_PROTOCOLS: return list_protocols(parameters[0], room);
        case ScmiBaseMessage::DISCOVER_AGENT:
            if (parameters[0] >= std::size(agents)) return ScmiStatus::NOT_FOUND;
            return agent(parameters[0]);
    }
    return ScmiStatus::NOT_SUPPORTED;
}

// Four protocols to a word.
ScmiReply ScmiBase::list_protocols(uint32_t skip, size_t room) const {
    if (skip > protocols_.size()) return ScmiStatus::INVALID_PARAMETERS;
    const size_t count = std::min(protocols_.size() - skip, (room - 1) * 4);
    std::vector<uint32_t> words(1 + (count + 3) / 4);
    words[0] = static_cast<uint32_t>(count);
    for (size_t i = 0; i < count; ++i) {
        words[1 + i / 4] |= static_cast<uint32_t>(protocols_[skip + i]) << i % 4 * 8;
    }
    return words;
}

}  // namespace orrery::devices
