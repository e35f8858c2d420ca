// SPDX-License-Identifier: Apache-2.0
// EventMessages: the messages that tell a port what happens to a container. They are made when a
// port is bound, so that telling needs no memory and cannot fail; an event for which all of them
// are still in the queue is counted, and the next one that is told says so.
#pragma once

#include "kernel/abi/container.hpp"
#include "kernel/ipc/port.hpp"

namespace kernel {

// Invariant: guarded by the Objects lock. A message is free when it is in no queue.
class EventMessages final {
  public:
    EventMessages() = default;
    EventMessages(const EventMessages&) = delete;
    EventMessages& operator=(const EventMessages&) = delete;

    // Whether anybody receives from the port that is bound.
    [[nodiscard]] bool is_bound() const { return port_ != nullptr && port_->alive; }
    // Tells another port from now on, or none. What the last one was told and has not received is
    // taken back.
    void bind(Port* port);
    void tell(abi::ContainerEventKind kind, uint32_t container, uint64_t nanoseconds,
              uint64_t value);

  private:
    [[nodiscard]] Message* find_free();

    Message messages_[abi::max_container_events];
    Port* port_ = nullptr;  // with a reference
    uint64_t lost_ = 0;
};

}  // namespace kernel
