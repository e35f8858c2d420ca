// SPDX-License-Identifier: Apache-2.0
// ScmiPlatform: the firmware on the system control processor, as its agent sees it (Arm DEN 0056,
// version 2.0): it answers messages that lie in shared memory when a doorbell of a mailbox rings.
//
// One channel from agent to platform, low priority, doorbell 0. A message is answered a fixed time
// after its doorbell, modelled; the answer takes the message's place, the doorbell is acknowledged,
// the channel is marked free, and the agent's doorbell rings if it asked for that. There is no
// channel back for notifications, and no delayed response.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <systemc>
#include <vector>

#include "devices/mhu.hpp"
#include "devices/observer.hpp"
#include "devices/scmi_protocol.hpp"

namespace orrery::devices {

class ScmiPlatform final : public sc_core::sc_module {
  public:
    static constexpr size_t channel_size = 0x80;
    static constexpr uint32_t doorbell = 1U << 0U;

    // `shared`: the channel's memory. The base protocol is added to `protocols`.
    // Precondition: `shared` has channel_size bytes and, as `mailbox`, outlives the platform.
    ScmiPlatform(sc_core::sc_module_name name, std::span<std::byte> shared, Mhu& mailbox,
                 std::vector<std::unique_ptr<ScmiProtocol>> protocols,
                 sc_core::sc_time response_time, Observer* observer = nullptr);

    // The mailbox's bits, as Mhu::on_doorbell gives them.
    void on_doorbell(unsigned channel, uint32_t bits, const sc_core::sc_time& now);
    void reset();

  private:
    void answer();
    [[nodiscard]] ScmiReply reply_to(uint32_t header, uint32_t length);
    [[nodiscard]] uint32_t word(ScmiChannel field, size_t index = 0) const;
    void set_word(ScmiChannel field, uint32_t value, size_t index = 0);

    std::span<std::byte> shared_;
    Mhu& mailbox_;
    std::vector<std::unique_ptr<ScmiProtocol>> protocols_;
    sc_core::sc_time response_time_;
    Observer* const observer_;
    sc_core::sc_event answer_event_;
};

}  // namespace orrery::devices
