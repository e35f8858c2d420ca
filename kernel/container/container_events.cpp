// SPDX-License-Identifier: Apache-2.0
// Containers: events, and the port that is told of them.
#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"

namespace kernel {

void EventMessages::bind(Port* port) {
    for (Message& message : messages_) {
        if (message.port != nullptr) take_message(message);
    }
    if (port != nullptr) ++port->references;
    if (port_ != nullptr) release_port(*port_);
    port_ = port;
    lost_ = 0;
}

Message* EventMessages::find_free() {
    for (Message& message : messages_) {
        if (message.port == nullptr) return &message;
    }
    return nullptr;
}

void EventMessages::tell(abi::ContainerEventKind kind, uint32_t container, uint64_t nanoseconds,
                         uint64_t value) {
    if (!is_bound()) return;
    Message* message = find_free();
    if (message == nullptr) {
        ++lost_;
        return;
    }
    message->kind = Message::Kind::Kernel;
    message->label = abi::label_container;
    message->words.word[0] = abi::container_event(kind, container);
    message->words.word[1] = nanoseconds;
    message->words.word[2] = value;
    message->words.word[3] = lost_;
    lost_ = 0;
    kernel::post(*port_, *message);
}

void Containers::post(Container& container, abi::ContainerEventKind kind, uint64_t value) {
    ++container.events_posted;
    if (container.events != nullptr) {
        const uint64_t now = nanoseconds_of(hal::Machine::counter() - boot_);
        container.events->tell(kind, container.id, now, value);
    }
    show(container);
}

}  // namespace kernel
