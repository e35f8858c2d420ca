// SPDX-License-Identifier: Apache-2.0
// The SCMI base protocol (DEN 0056): who the platform is, and what it speaks. One agent, the
// operating system (OSPM). Notifications and permissions are not modelled.
#pragma once

#include <vector>

#include "devices/scmi_protocol.hpp"

namespace orrery::devices {

class ScmiBase final : public ScmiProtocol {
  public:
    // `protocols`: those beside this one.
    explicit ScmiBase(std::vector<ScmiProtocolId> protocols) : protocols_{std::move(protocols)} {}

    [[nodiscard]] ScmiProtocolId id() const override { return ScmiProtocolId::BASE; }

  protected:
    [[nodiscard]] uint32_t version() const override { return 0x20000; }
    [[nodiscard]] ScmiReply attributes() const override;
    [[nodiscard]] std::span<const Command> commands() const override;
    [[nodiscard]] ScmiReply serve(uint32_t message, std::span<const uint32_t> parameters,
                                  size_t room) override;

  private:
    [[nodiscard]] ScmiReply list_protocols(uint32_t skip, size_t room) const;

    std::vector<ScmiProtocolId> protocols_;
};

}  // namespace orrery::devices
