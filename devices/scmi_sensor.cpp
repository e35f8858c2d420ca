// SPDX-License-Identifier: Apache-2.0
// The SCMI sensor management protocol (DEN 0056).
#include "devices/scmi_sensor.hpp"

#include <algorithm>

namespace orrery::devices {

ScmiReply ScmiSensor::attributes() const {
    // Sensors; then the address and length of registers, which there are none of.
    return std::vector<uint32_t>{static_cast<uint32_t>(sensors_.count()), 0, 0, 0};
}

std::span<const ScmiProtocol::Command> ScmiSensor::commands() const {
    using enum ScmiSensorMessage;
    static constexpr Command list[] = {
        {static_cast<uint32_t>(DESCRIPTION_GET), 1},
        {static_cast<uint32_t>(READING_GET), 2},
    };
    return list;
}

ScmiReply ScmiSensor::serve(uint32_t message, std::span<const uint32_t> parameters, size_t room) {
    switch (static_cast<ScmiSensorMessage>(message)) {
        case ScmiSensorMessage::DESCRIPTION_GET: return describe(parameters[0], room);
        case ScmiSensorMessage::READING_GET: return read(parameters[0], parameters[1]);
    }
    return ScmiStatus::NOT_SUPPORTED;
}

ScmiReply ScmiSensor::describe(uint32_t first, size_t room) const {
    constexpr size_t words_a_sensor = 7;
    constexpr uint32_t degrees_celsius = 0x2;             // sensor type, bits 7:0
    constexpr uint32_t thousandths = (0x20U - 3) << 11U;  // power of ten, bits 15:11, signed
    if (first >= sensors_.count()) return ScmiStatus::INVALID_PARAMETERS;
    const size_t count = std::min(sensors_.count() - first, (room - 1) / words_a_sensor);
    const size_t remaining = sensors_.count() - first - count;
    ScmiReply reply{std::vector{static_cast<uint32_t>(count | remaining << 16U)}};
    for (size_t i = first; i < first + count; ++i) {
        reply.words.insert(reply.words.end(),
                           {static_cast<uint32_t>(i), 0, degrees_celsius | thousandths});
        reply.add_name(sensors_.name(i));
    }
    return reply;
}

ScmiReply ScmiSensor::read(size_t index, uint32_t flags) const {
    constexpr uint32_t asynchronous = 1U << 0U;
    if (index >= sensors_.count()) return ScmiStatus::NOT_FOUND;
    if ((flags & asynchronous) != 0) return ScmiStatus::NOT_SUPPORTED;
    const auto value = static_cast<uint64_t>(sensors_.millicelsius(index));
    return std::vector{static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32U)};
}

}  // namespace orrery::devices
