// SPDX-License-Identifier: Apache-2.0
// The agent's side of Arm's System Control and Management Interface (SCMI, DEN 0056) over shared
// memory and a mailbox: one message at a time, whose answer is polled for, for a bounded time.
#pragma once

#include <span>

#include "kernel/boot/machine.hpp"
#include "kernel/drivers/mhu.hpp"

namespace kernel {

class Scmi final {
  public:
    static constexpr uint32_t most_words = 25;  // of a message's payload in 128 bytes

    enum class Protocol : uint32_t { Base = 0x10, Performance = 0x13, Sensor = 0x15 };

    // NotFound when the machine has none.
    [[nodiscard]] Status initialise(const ScmiDescription& description);

    // Sends a message, waits, and takes what follows the answer's status: as many words as fit into
    // `answer`, the rest of which is zeroed. Errors of the platform become a Status; Unsupported
    // also when it does not answer within 10 ms, after which nothing is sent any more, as the
    // answer may still come. Precondition: one caller at a time; initialise() has succeeded.
    [[nodiscard]] Status call(Protocol protocol, uint32_t message,
                              std::span<const uint32_t> parameters, std::span<uint32_t> answer);

  private:
    [[nodiscard]] bool wait_until_free();

    Mhu mailbox_;
    uint64_t shared_ = 0;
    uint32_t words_ = 0;  // of a payload that fits
    uint32_t token_ = 0;
    bool dead_ = false;
};

}  // namespace kernel
