// SPDX-License-Identifier: Apache-2.0
// The SCMI sensor management protocol (DEN 0056 version 2.0, version 1.0 of the protocol):
// temperatures in millidegrees Celsius, read synchronously. Trip points and notifications are not
// modelled.
#pragma once

#include <string>

#include "devices/scmi_protocol.hpp"

namespace orrery::devices {

// Implemented by whoever knows the temperatures. Sensors are numbered from 0.
class TemperatureSensors {
  public:
    virtual ~TemperatureSensors() = default;
    [[nodiscard]] virtual size_t count() const = 0;
    [[nodiscard]] virtual std::string name(size_t index) const = 0;  // at most 15 characters
    [[nodiscard]] virtual int64_t millicelsius(size_t index) const = 0;
};

class ScmiSensor final : public ScmiProtocol {
  public:
    // Precondition: `sensors` outlives the protocol.
    explicit ScmiSensor(const TemperatureSensors& sensors) : sensors_{sensors} {}

    [[nodiscard]] ScmiProtocolId id() const override { return ScmiProtocolId::SENSOR; }

  protected:
    [[nodiscard]] uint32_t version() const override { return 0x10000; }
    [[nodiscard]] ScmiReply attributes() const override;
    [[nodiscard]] std::span<const Command> commands() const override;
    [[nodiscard]] ScmiReply serve(uint32_t message, std::span<const uint32_t> parameters,
                                  size_t room) override;

  private:
    [[nodiscard]] ScmiReply describe(uint32_t first, size_t room) const;
    [[nodiscard]] ScmiReply read(size_t index, uint32_t flags) const;

    const TemperatureSensors& sensors_;
};

}  // namespace orrery::devices
