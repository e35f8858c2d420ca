// SPDX-License-Identifier: Apache-2.0
// The SCMI performance domain management protocol (DEN 0056, version 2.0 of the protocol). A level
// is a frequency in kHz. Fast channels, statistics and notifications are not modelled.
#pragma once

#include <string>
#include <vector>

#include "devices/scmi_protocol.hpp"

namespace orrery::devices {

// What the protocol manages: implemented by whoever has the clocks. Domains are numbered from 0;
// values are levels of the domain.
class PerformanceDomains {
  public:
    struct Level final {
        uint32_t value;  // kHz
        uint32_t milliwatts;
        uint16_t latency_microseconds;
    };
    struct Domain final {
        std::string name;           // at most 15 characters
        std::vector<Level> levels;  // ascending
    };
    struct Limits final {
        uint32_t lowest;
        uint32_t highest;
    };

    virtual ~PerformanceDomains() = default;
    [[nodiscard]] virtual size_t count() const = 0;
    [[nodiscard]] virtual const Domain& domain(size_t index) const = 0;
    // The level in force, and what requests are bounded by.
    [[nodiscard]] virtual uint32_t level(size_t index) const = 0;
    [[nodiscard]] virtual Limits limits(size_t index) const = 0;
    // Precondition of both: levels of the domain; the first within its limits.
    virtual void set_level(size_t index, uint32_t value) = 0;
    virtual void set_limits(size_t index, Limits limits) = 0;
};

class ScmiPerformance final : public ScmiProtocol {
  public:
    // Precondition: `domains` outlives the protocol.
    explicit ScmiPerformance(PerformanceDomains& domains) : domains_{domains} {}

    [[nodiscard]] ScmiProtocolId id() const override { return ScmiProtocolId::PERFORMANCE; }

  protected:
    [[nodiscard]] uint32_t version() const override { return 0x20000; }
    [[nodiscard]] ScmiReply attributes() const override;
    [[nodiscard]] std::span<const Command> commands() const override;
    [[nodiscard]] ScmiReply serve(uint32_t message, std::span<const uint32_t> parameters,
                                  size_t room) override;

  private:
    [[nodiscard]] ScmiReply domain_attributes(size_t index) const;
    [[nodiscard]] ScmiReply describe_levels(size_t index, uint32_t first, size_t room) const;
    [[nodiscard]] ScmiReply set_limits(size_t index, uint32_t highest, uint32_t lowest);
    [[nodiscard]] ScmiReply set_level(size_t index, uint32_t value);
    [[nodiscard]] bool has_level(size_t index, uint32_t value) const;

    PerformanceDomains& domains_;
};

}  // namespace orrery::devices
