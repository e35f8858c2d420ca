// SPDX-License-Identifier: Apache-2.0
// Queues of ports, and the threads that wait at them.
#include "kernel/ipc/ports.hpp"

#include "kernel/capability/capabilities.hpp"
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

Scheduler& scheduler() {
    return kernel().scheduler;
}

void leave_waiters(Thread& thread) {
    if (thread.waits_in != nullptr) {
        thread.waits_in->remove(thread);
        thread.waits_in = nullptr;
    }
    if (thread.timed) scheduler().forget_deadline(thread);
}

Thread* take_first(WaitQueue& queue) {
    Thread* first = queue.front();
    if (first != nullptr) leave_waiters(*first);
    return first;
}

// Whoever waits in the queue lends to the one that it waits for.
void lend_to_server(Port& port, Thread& caller) {
    Thread* server = port.server.thread();
    if (server == nullptr && port.set != nullptr) server = port.set->server.thread();
    if (server != nullptr) scheduler().lend(caller, *server);
}

void enqueue(Port& port, Message& message) {
    port.queue.push_back(message);
    message.port = &port;
    if (message.kind == Message::Kind::Call) lend_to_server(port, *message.caller);
    if (message.kind == Message::Kind::Sent) ++port.queued_sends;
    if (port.set != nullptr && !port.set_node.linked()) port.set->ready.push_back(port);
}

void unqueue(Message& message) {
    Port& port = *message.port;
    port.queue.remove(message);
    message.port = nullptr;
    if (port.queue.empty() && port.set_node.linked()) port.set->ready.remove(port);
    if (message.kind != Message::Kind::Sent) return;
    --port.queued_sends;
    offer_room(port);
}

WaitQueue* receivers_of(Port& port) {
    if (!port.receivers.empty()) return &port.receivers;
    if (port.set != nullptr && !port.set->receivers.empty()) return &port.set->receivers;
    return nullptr;
}

}  // namespace

void repeat_call(Thread& thread) {
    thread.frame.pc -= 4;
    thread.repeats = true;
    scheduler().make_ready(thread);
}

void deliver_registers(Thread& to, uint64_t label, uint64_t badge, const MessageWords& words,
                       bool wants_reply) {
    uint64_t* x = to.frame.x;
    x[0] = 0;
    x[1] = label;
    x[2] = abi::message_info(0, 0, wants_reply);
    x[3] = badge;
    for (unsigned i = 0; i < abi::message_words; ++i) x[4 + i] = words.word[i];
}

void refuse_long(Thread& thread, uint64_t label, const LongMessage& part) {
    thread.frame.x[0] = static_cast<uint64_t>(static_cast<int64_t>(Status::LimitReached));
    thread.frame.x[1] = label;
    thread.frame.x[2] = abi::message_info(part.size, part.right_count, false);
}

void hand_message(Thread& to, Message& message) {
    const bool wants_reply = message.caller != nullptr;
    scheduler().boost(to, message.boosted_until);
    if (wants_reply) {
        to.messages.reply_to = message.caller;
        message.caller->messages.answered_by = &to;
        if (message.caller->lent_to != &to) {
            scheduler().take_back(*message.caller);  // another one was expected to have it
            scheduler().lend(*message.caller, to);
        }
    }
    if (message.long_part == nullptr) {
        deliver_registers(to, message.label, message.badge, message.words, wants_reply);
    } else {
        to.messages.delivery = {message.label,     message.badge, message.words,
                                message.long_part, wants_reply,   true};
        message.long_part = nullptr;
    }
    const bool from_heap =
        message.kind == Message::Kind::Sent || message.kind == Message::Kind::Notice;
    if (from_heap) kernel().heap.destroy(&message);
}

void offer_room(Port& port) {
    if (!has_room(port) && !has_receiver(port)) return;
    Thread* sender = take_first(port.blocked_senders);
    if (sender == nullptr) return;
    sender->messages.offered = &port;
    ++port.references;
    repeat_call(*sender);
}

void pass_offer_on(Thread& sender) {
    Port* port = sender.messages.offered;
    if (port == nullptr) return;
    sender.messages.offered = nullptr;
    if (port->alive) offer_room(*port);
    release_port(*port);
}

void wake_with_message(Thread& receiver, Message& message) {
    hand_message(receiver, message);
    if (receiver.messages.delivery.pending) return repeat_call(receiver);
    scheduler().make_ready(receiver);
}

void refuse_receivers(Port& port, const LongMessage* part, uint64_t label) {
    while (WaitQueue* waiting = receivers_of(port)) {
        if (waiting->front()->messages.room.fits(part)) return;
        Thread* receiver = take_first(*waiting);
        refuse_long(*receiver, label, *part);
        scheduler().make_ready(*receiver);
    }
}

Thread* receiver_for(Port& port, const LongMessage* part, uint64_t label) {
    refuse_receivers(port, part, label);
    WaitQueue* waiting = receivers_of(port);
    return waiting != nullptr ? take_first(*waiting) : nullptr;
}

void post(Port& port, Message& message) {
    KERNEL_ASSERT(port.alive);
    if (Thread* receiver = receiver_for(port, message.long_part, message.label)) {
        return wake_with_message(*receiver, message);
    }
    enqueue(port, message);
}

Message* first_message(Port& port) {
    return port.queue.front();
}

void take_message(Message& message) {
    unqueue(message);
}

void stop_waiting(Thread& thread) {
    leave_waiters(thread);
    if (thread.messages.call.node.linked()) unqueue(thread.messages.call);
    if (Thread* server = thread.messages.answered_by) {
        server->messages.reply_to = nullptr;
        thread.messages.answered_by = nullptr;
    }
}

void end_wait(Thread& thread, Status status) {
    stop_waiting(thread);
    thread.messages.room_until = 0;
    if (thread.messages.call.long_part != nullptr) {
        // It has to be freed without the lock: by the thread itself.
        thread.messages.outcome = static_cast<int32_t>(status);
        return repeat_call(thread);
    }
    thread.frame.x[0] = static_cast<uint64_t>(static_cast<int64_t>(status));
    scheduler().make_ready(thread);
}

void leave_calls(Thread& thread) {
    if (Thread* caller = thread.messages.reply_to) end_wait(*caller, Status::Interrupted);
    stop_waiting(thread);
    pass_offer_on(thread);
    if (thread.messages.serves != nullptr) thread.messages.serves->clear();
}

Thread* awaiting_reply(uint64_t thread_id, uint64_t number) {
    Thread* caller = kernel().tasks.find_thread(static_cast<uint32_t>(thread_id));
    if (caller == nullptr || caller->state != ThreadState::WaitReply) return nullptr;
    const ThreadMessages& messages = caller->messages;
    const bool is_saved = messages.answered_by == nullptr && !messages.call.node.linked();
    return is_saved && messages.calls == number ? caller : nullptr;
}

void lose_sender(Port& port) {
    if (--port.senders != 0 || !port.wants_no_senders || !port.alive) return;
    port.wants_no_senders = false;
    if (port.no_senders.port != nullptr) return;  // the last one has not been received yet
    port.no_senders.kind = Message::Kind::Kernel;
    port.no_senders.label = abi::label_no_senders;
    post(port, port.no_senders);
}

void wake_all(WaitQueue& waiters, Status status) {
    while (Thread* thread = waiters.front()) end_wait(*thread, status);
}

Status join_set(Port& port, PortSet& set) {
    if (port.set != nullptr) return Status::Busy;
    if (set.members.size() >= PortSet::most_members) return Status::LimitReached;
    port.set = &set;
    set.members.push_back(port);
    // Whoever waits at the set may have what is there already.
    while (Message* message = first_message(port)) {
        Thread* receiver = receiver_for(port, message->long_part, message->label);
        if (receiver == nullptr) break;
        take_message(*message);
        wake_with_message(*receiver, *message);
    }
    if (!port.queue.empty() && !port.set_node.linked()) set.ready.push_back(port);
    offer_room(port);
    return Status::Ok;
}

void leave_set(Port& port) {
    if (port.set == nullptr) return;
    if (port.set_node.linked()) port.set->ready.remove(port);
    port.set->members.remove(port);
    port.set = nullptr;
}

}  // namespace kernel
