// SPDX-License-Identifier: Apache-2.0
// EventQueue: what happened to a container and has not been read, in order. Events for which there
// is no room are counted, and the next one that is kept tells.
#pragma once

#include "kernel/abi/container.hpp"

namespace kernel {

class EventQueue final {
  public:
    void post(abi::ContainerEvent event) {
        ++posted_;
        if (count_ == abi::max_container_events) {
            ++lost_;
            return;
        }
        event.lost = lost_;
        lost_ = 0;
        events_[(first_ + count_) % abi::max_container_events] = event;
        ++count_;
    }
    [[nodiscard]] bool is_empty() const { return count_ == 0; }
    // Precondition: not empty.
    [[nodiscard]] const abi::ContainerEvent& front() const { return events_[first_]; }
    void pop() {
        first_ = (first_ + 1) % abi::max_container_events;
        --count_;
    }
    [[nodiscard]] uint64_t posted() const { return posted_; }

  private:
    abi::ContainerEvent events_[abi::max_container_events] = {};
    uint32_t first_ = 0;
    uint32_t count_ = 0;
    uint64_t lost_ = 0;
    uint64_t posted_ = 0;
};

}  // namespace kernel
