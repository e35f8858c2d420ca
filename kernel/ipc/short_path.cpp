// SPDX-License-Identifier: Apache-2.0
// Calls and answers in registers, from thread to thread.
#include "kernel/ipc/short_path.hpp"

#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

// What can be seen without the lock: words alone, a wait without an end, nothing left over from a
// wait before.
bool is_short(const Call& call) {
    const ThreadMessages& messages = call.thread().messages;
    return call.argument(2) == 0 && call.argument(3) == abi::wait_forever &&
           call.argument(1) < abi::kernel_label && !messages.delivery.pending &&
           messages.outcome == 0;
}

// Locked. A right that has no end, of which only the long way knows what it means.
const Right* plain_right(const Call& call, uint32_t mask) {
    const Right* right = call.task().rights.find(call.argument(0));
    const bool good =
        right != nullptr && (right->mask & mask) != 0 && right->expires_at == Right::never;
    return good ? right : nullptr;
}

// Locked. The first thread that waits for a message of the port.
Thread* first_receiver(Port& port) {
    if (Thread* own = port.receivers.front()) return own;
    return port.set != nullptr ? port.set->receivers.front() : nullptr;
}

// Locked. The port that a right receives from, if that would wait and nobody waits for room: null
// otherwise, and for port sets, whose members would all have to be asked.
Port* quiet_port(const Right& right) {
    if (right.type != ObjectType::Port) return nullptr;
    auto& port = *static_cast<Port*>(right.object);
    return port.queue.empty() && port.blocked_senders.empty() ? &port : nullptr;
}

// Locked. What the thread says, into the registers of the other one.
void pass(const Thread& from, Thread& to, uint64_t badge, bool wants_reply) {
    const uint64_t* said = from.frame.x;
    uint64_t* x = to.frame.x;
    x[0] = 0;
    x[1] = said[1];
    x[2] = abi::message_info(0, 0, wants_reply);
    x[3] = badge;
    for (unsigned i = 0; i < abi::message_words; ++i) x[4 + i] = said[4 + i];
}

}  // namespace

bool call_short(Call& call) {
    if (!is_short(call)) return false;
    Scheduler& scheduler = kernel().scheduler;
    Thread& caller = call.thread();
    const LockGuard guard(scheduler.lock());
    if (call.ending()) return false;
    const Right* right = plain_right(call, abi::RightSend);
    if (right == nullptr || right->type != ObjectType::Port) return false;
    auto& port = *static_cast<Port*>(right->object);
    if (!port.alive) return false;
    Thread* receiver = first_receiver(port);
    if (receiver == nullptr || !scheduler.can_switch_to(*receiver)) return false;

    receiver->waits_in->remove(*receiver);
    receiver->waits_in = nullptr;
    receiver->messages.reply_to = &caller;
    caller.messages.room = {};
    caller.messages.answered_by = receiver;
    ++caller.messages.calls;
    pass(caller, *receiver, right->badge, true);
    scheduler.switch_to(*receiver, ThreadState::WaitReply, Scheduler::Direction::Call);
    return true;
}

bool reply_and_receive_short(Call& call) {
    if (!is_short(call)) return false;
    Scheduler& scheduler = kernel().scheduler;
    Thread& server = call.thread();
    const LockGuard guard(scheduler.lock());
    Thread* caller = server.messages.reply_to;
    if (call.ending() || caller == nullptr || !scheduler.can_switch_to(*caller)) return false;
    const Right* right = plain_right(call, abi::RightReceive);
    if (right == nullptr) return false;
    Port* port = quiet_port(*right);
    if (port == nullptr) return false;

    server.messages.reply_to = nullptr;
    caller->messages.answered_by = nullptr;
    pass(server, *caller, 0, false);
    server.messages.room = {};
    port->receivers.push_back(server);
    server.waits_in = &port->receivers;
    scheduler.switch_to(*caller, ThreadState::WaitMessage, Scheduler::Direction::Reply);
    return true;
}

}  // namespace kernel
