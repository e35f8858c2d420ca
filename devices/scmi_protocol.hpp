// SPDX-License-Identifier: Apache-2.0
// ScmiProtocol: one protocol of an SCMI platform, as a function from message to reply. Base class
// of the protocols in scmi_base.hpp, scmi_performance.hpp and scmi_sensor.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "devices/scmi_messages.hpp"

namespace orrery::devices {

struct ScmiReply final {
    ScmiReply(ScmiStatus result) : status{result} {}  // NOLINT: a status is a reply
    ScmiReply(std::vector<uint32_t> values) : words{std::move(values)} {}  // NOLINT: so are values

    // Appends a field of 16 characters, the last one NUL.
    void add_name(std::string_view text);

    ScmiStatus status = ScmiStatus::SUCCESS;
    std::vector<uint32_t> words;  // behind the status; only when it is SUCCESS
};

class ScmiProtocol {
  public:
    virtual ~ScmiProtocol() = default;

    [[nodiscard]] virtual ScmiProtocolId id() const = 0;

    // Serves the messages common to all protocols, and refuses, before the protocol sees it, a
    // message that it does not have (NOT_SUPPORTED) or whose length is wrong (PROTOCOL_ERROR).
    // `room`: words that a reply may have.
    [[nodiscard]] ScmiReply handle(uint32_t message, std::span<const uint32_t> parameters,
                                   size_t room);

  protected:
    struct Command final {
        uint32_t message;
        size_t parameters;  // words
    };

    [[nodiscard]] virtual uint32_t version() const = 0;
    [[nodiscard]] virtual ScmiReply attributes() const = 0;
    [[nodiscard]] virtual std::span<const Command> commands() const = 0;
    // Precondition: the message is among commands(), with as many parameters.
    [[nodiscard]] virtual ScmiReply serve(uint32_t message, std::span<const uint32_t> parameters,
                                          size_t room) = 0;

  private:
    [[nodiscard]] const Command* find(uint32_t message) const;
};

}  // namespace orrery::devices
