// SPDX-License-Identifier: Apache-2.0
// The end of ports, port sets and interrupts, and of what lies in them.
//
// A port dies when the right to receive from it goes. Its queue may hold the rights to receive from
// other ports, which die in turn: dead ports are on one list, and whoever has let go of a right
// empties them one by one.
#include "kernel/capability/capabilities.hpp"
#include "kernel/ipc/ports.hpp"
#include "kernel/ipc/transfer.hpp"
#include "kernel/kernel.hpp"
#include "kernel/task/exceptions.hpp"

namespace kernel {
namespace {

constexpr unsigned steps_at_once = 8;

void tell_of_death(DeadNameWatch& watch) {
    Kernel& k = kernel();
    watch.right->watch = nullptr;
    if (watch.to->alive) {
        post(*watch.to, *watch.message);
    } else {
        k.heap.destroy(watch.message);
    }
    release_port(*watch.to);
    k.heap.destroy(&watch);
}

// One of the things that a dead port still has; false when it has none.
bool settle_one(Port& port, DroppedRights& dropped) {
    if (Message* message = first_message(port)) {
        take_message(*message);
        discard_message(*message, dropped);
        return true;
    }
    if (Thread* receiver = port.receivers.front()) {
        end_wait(*receiver, Status::PortDead);
        return true;
    }
    if (Thread* sender = port.blocked_senders.front()) {
        end_wait(*sender, Status::PortDead);
        return true;
    }
    if (Thread* thread = port.stopped.front()) {
        // It meets the same exception again, and somebody else is told.
        end_exception(*thread);
        kernel().scheduler.resume(*thread);
        return true;
    }
    if (DeadNameWatch* watch = port.watches.pop_front()) {
        tell_of_death(*watch);
        return true;
    }
    return false;
}

// A step of the burial of the first dead port; false when there is none.
bool bury_some() {
    Kernel& k = kernel();
    DroppedRights dropped(DroppedRights::Burial::Later);
    const LockGuard guard(k.scheduler.lock());
    Port* port = k.dead_ports.ports.front();
    if (port == nullptr) return false;
    for (unsigned i = 0; i < steps_at_once; ++i) {
        if (dropped.room() < abi::message_rights) return true;
        if (settle_one(*port, dropped)) continue;
        k.dead_ports.remove(*port);
        release_port(*port);
        return true;
    }
    return true;
}

}  // namespace

void discard_message(Message& message, DroppedRights& dropped) {
    Thread* caller = message.caller;
    if (message.long_part != nullptr && caller == nullptr) {
        drop_rights(*message.long_part, dropped);
        kernel().heap->free(message.long_part);
        message.long_part = nullptr;
    }
    switch (message.kind) {
        case Message::Kind::Sent:
        case Message::Kind::Notice: kernel().heap.destroy(&message); break;
        case Message::Kind::Call: end_wait(*caller, Status::PortDead); break;
        case Message::Kind::Kernel: break;
    }
}

void kill_port(Port& port) {
    port.alive = false;
    leave_set(port);
    ++port.references;
    kernel().dead_ports.add(port);
}

void bury_ports() {
    while (kernel().dead_ports.any()) {
        if (!bury_some()) return;
        preemption_point();
    }
}

void release_port(Port& port) {
    if (--port.references == 0) kernel().heap.destroy(&port);
}

void forget_watch(DeadNameWatch& watch, Port& watched) {
    Kernel& k = kernel();
    watched.watches.remove(watch);
    release_port(*watch.to);
    k.heap.destroy(watch.message);
    k.heap.destroy(&watch);
}

void release_set(PortSet& set) {
    Kernel& k = kernel();
    {
        const LockGuard guard(k.scheduler.lock());
        if (--set.references != 0) return;
        set.server.clear();
    }
    for (bool more = true; more;) {
        {
            const LockGuard guard(k.scheduler.lock());
            for (unsigned i = 0; i < steps_at_once && !set.members.empty(); ++i) {
                leave_set(*set.members.front());
            }
            more = !set.members.empty();
        }
        preemption_point();
    }
    k.heap.destroy(&set);
}

void release_interrupt(Interrupt& interrupt) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    if (--interrupt.references != 0) return;
    k.interrupts.disable(interrupt.line);
    k.device_interrupts[interrupt.line] = nullptr;
    if (interrupt.message.port != nullptr) take_message(interrupt.message);
    if (interrupt.port != nullptr) release_port(*interrupt.port);
    k.heap.destroy(&interrupt);
}

bool take_device_interrupt(uint32_t line) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Interrupt* interrupt = line < max_interrupts ? k.device_interrupts[line] : nullptr;
    if (interrupt == nullptr) return false;
    k.interrupts.disable(line);  // until it is acknowledged
    ++interrupt->count;
    Message& message = interrupt->message;
    if (interrupt->port == nullptr || !interrupt->port->alive) return true;
    message.words.word[1] = interrupt->count;
    message.boosted_until = interrupt->is_input ? k.scheduler.input_boost() : 0;
    if (message.port == nullptr) post(*interrupt->port, message);
    return true;
}

void drop_deliveries(Thread& thread) {
    ThreadMessages& messages = thread.messages;
    for (LongMessage** part : {&messages.delivery.long_part, &messages.call.long_part}) {
        if (*part != nullptr) drop_long(*part);
        *part = nullptr;
    }
}

}  // namespace kernel
