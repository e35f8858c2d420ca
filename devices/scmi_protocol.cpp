// SPDX-License-Identifier: Apache-2.0
// What all SCMI protocols have in common (DEN 0056, chapter 4).
#include "devices/scmi_protocol.hpp"

#include <algorithm>
#include <cstring>

namespace orrery::devices {

void ScmiReply::add_name(std::string_view text) {
    uint32_t field[4] = {};
    std::memcpy(field, text.data(), std::min(text.size(), sizeof field - 1));
    words.insert(words.end(), std::begin(field), std::end(field));
}

const ScmiProtocol::Command* ScmiProtocol::find(uint32_t message) const {
    const auto list = commands();
    const auto found = std::ranges::find(list, message, &Command::message);
    return found == list.end() ? nullptr : &*found;
}

ScmiReply ScmiProtocol::handle(uint32_t message, std::span<const uint32_t> parameters,
                               size_t room) {
    const auto is = [message](ScmiCommon common) {
        return message == static_cast<uint32_t>(common);
    };
    const bool common = message <= static_cast<uint32_t>(ScmiCommon::PROTOCOL_MESSAGE_ATTRIBUTES);
    const Command* command = find(message);
    if (!common && command == nullptr) return ScmiStatus::NOT_SUPPORTED;

    const size_t wanted =
        common ? is(ScmiCommon::PROTOCOL_MESSAGE_ATTRIBUTES) : command->parameters;
    if (parameters.size() != wanted) return ScmiStatus::PROTOCOL_ERROR;
    if (is(ScmiCommon::PROTOCOL_VERSION)) return std::vector{version()};
    if (is(ScmiCommon::PROTOCOL_ATTRIBUTES)) return attributes();
    if (is(ScmiCommon::PROTOCOL_MESSAGE_ATTRIBUTES)) {
        const uint32_t asked = parameters[0];
        const bool known = asked <= static_cast<uint32_t>(ScmiCommon::PROTOCOL_MESSAGE_ATTRIBUTES);
        if (!known && find(asked) == nullptr) return ScmiStatus::NOT_FOUND;
        return std::vector{uint32_t{0}};
    }
    return serve(message, parameters, room);
}

}  // namespace orrery::devices
