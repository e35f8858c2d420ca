// SPDX-License-Identifier: Apache-2.0
// System calls that send, receive, call and answer.
//
// x0: name; x1: label; x2: where MessageTransfers lie, or 0; x3: timeout; x4 to x7: words. The way
// of a short call whose receiver waits: find the right, take the receiver off the port, write eight
// registers, block, hand over. None of it allocates or copies user memory.
#include "kernel/capability/capabilities.hpp"
#include "kernel/ipc/ports.hpp"
#include "kernel/ipc/short_path.hpp"
#include "kernel/ipc/transfer.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

constexpr uint64_t transfer_size = sizeof(abi::MessageTransfer);

MessageWords words_of(const Call& call) {
    MessageWords words;
    for (unsigned i = 0; i < abi::message_words; ++i) words.word[i] = call.argument(4 + i);
    return words;
}

// Until when a wait lasts that begins now.
uint64_t deadline_of(uint64_t timeout) {
    if (timeout == abi::wait_forever) return Scheduler::no_deadline;
    return hal::Machine::counter() + ticks_of(timeout);
}

// Where what the call waits for is to go: calls and answers have it behind what they send.
uint64_t room_address(const Call& call, bool sends) {
    const uint64_t transfer = call.argument(2);
    return transfer != 0 && sends ? transfer + transfer_size : transfer;
}

// The call has waited and is made again to end: for what was delivered to it, or for what it left.
// False: it is a new one.
bool finish_wait(Call& call, bool sends) {
    ThreadMessages& messages = call.thread().messages;
    if (!messages.delivery.pending && messages.outcome == 0) return false;
    if (messages.call.long_part != nullptr) drop_long(messages.call.long_part);
    messages.call.long_part = nullptr;
    if (messages.outcome != 0) {
        call.finish(static_cast<Status>(messages.outcome));
        messages.outcome = 0;
        return true;
    }
    Delivery& delivery = messages.delivery;
    const uint64_t info = abi::message_info(delivery.long_part->size,
                                            delivery.long_part->right_count, delivery.wants_reply);
    LongMessage* part = delivery.long_part;
    delivery.long_part = nullptr;
    delivery.pending = false;
    const Status status = deliver_long(call.task(), room_address(call, sends), part);
    deliver_registers(call.thread(), delivery.label, delivery.badge, delivery.words, false);
    call.thread().frame.x[0] = static_cast<uint64_t>(static_cast<int64_t>(status));
    call.thread().frame.x[2] = info;
    return true;
}

// Locked. Where a right leads that one may send by.
Result<Port*> port_to_send(Right& right) {
    if (right.type != ObjectType::Port) return Status::InvalidArgument;
    if ((right.mask & (abi::RightSend | abi::RightSendOnce)) == 0) return Status::PermissionDenied;
    auto* port = static_cast<Port*>(right.object);
    if (!port->alive) return Status::PortDead;
    return port;
}

// Locked. A right to send once is used up.
void use_up(Right& right, DroppedRights& dropped) {
    if ((right.mask & abi::RightSend) == 0) dropped.drop(right);
}

// Locked. Answers a caller that waits, and returns it, to be made ready or run.
Thread* answer(Thread& caller, uint64_t label, const MessageWords& words, LongMessage* part) {
    const bool fits = caller.messages.room.fits(part);
    stop_waiting(caller);
    if (part != nullptr && fits) {
        caller.messages.delivery = {label, 0, words, part, false, true};
        caller.frame.pc -= 4;
        caller.repeats = true;
    } else if (!fits) {
        refuse_long(caller, label, *part);
    } else {
        deliver_registers(caller, label, 0, words, false);
    }
    return &caller;
}

// Locked. Sends the answer that the thread owes. What does not fit stays in `outgoing`.
Result<Thread*> answer_caller(Call& call, Thread* caller, Outgoing& outgoing) {
    if (caller == nullptr) return Status::NotFound;
    if (outgoing.part() != nullptr) TRY_STATUS(outgoing.take_rights(call.task(), nullptr));
    LongMessage* part = outgoing.part();
    const bool fits = caller->messages.room.fits(part);
    answer(*caller, call.argument(1), words_of(call), part);
    if (fits) (void)outgoing.release();
    return caller;
}

// What a receive is about.
struct Source {
    Port* port = nullptr;
    PortSet* set = nullptr;

    [[nodiscard]] Message* first() const {
        Port* from = set != nullptr ? set->ready.front() : port;
        return from != nullptr ? first_message(*from) : nullptr;
    }
    [[nodiscard]] Server& server() const { return set != nullptr ? set->server : port->server; }
    [[nodiscard]] WaitQueue& waiters() const {
        return set != nullptr ? set->receivers : port->receivers;
    }
    // Somebody waits now: who waits for room, as the limit is 0, may send.
    void offer_room() const {
        if (port != nullptr) return kernel::offer_room(*port);
        for (Port* member = set->members.front(); member != nullptr;) {
            if (!member->blocked_senders.empty()) return kernel::offer_room(*member);
            member = set->members.next(*member);
        }
    }
};

// Locked.
Result<Source> source_of(Task& task, uint64_t name) {
    const Right* right = TRY(find_right(task, name));
    const bool is_port = right->type == ObjectType::Port;
    if (!is_port && right->type != ObjectType::PortSet) return Status::InvalidArgument;
    if ((right->mask & abi::RightReceive) == 0) return Status::PermissionDenied;
    Source source;
    if (is_port) {
        source.port = static_cast<Port*>(right->object);
    } else {
        source.set = static_cast<PortSet*>(right->object);
    }
    return source;
}

// Locked. Takes the first message; WouldBlock when there is none, LimitReached when it is too long
// for the room that the thread has, and it stays then.
Status receive_now(Call& call, const Source& source) {
    Message* message = source.first();
    if (message == nullptr) return Status::WouldBlock;
    Thread& thread = call.thread();
    if (!thread.messages.room.fits(message->long_part)) {
        refuse_long(thread, message->label, *message->long_part);
        return Status::LimitReached;
    }
    Port& port = *message->port;
    take_message(*message);
    if (source.set != nullptr && port.set_node.linked()) {
        // The other ports of the set have their turn first.
        source.set->ready.remove(port);
        source.set->ready.push_back(port);
    }
    hand_message(thread, *message);
    return Status::Ok;
}

// Locked. Blocks until a message comes, if that may be.
void wait_for_message(Call& call, const Source& source) {
    if (call.argument(3) == abi::no_wait) return call.finish(Status::WouldBlock);
    if (call.ending()) return;
    Thread& thread = call.thread();
    kernel().scheduler.block_current_until(ThreadState::WaitMessage, deadline_of(call.argument(3)));
    source.waiters().push_back(thread);
    thread.waits_in = &source.waiters();
    source.offer_room();
}

// Locked. The answer that a thread owes when it receives anew will never come.
void give_up_reply(Thread& thread) {
    if (Thread* caller = thread.messages.reply_to) end_wait(*caller, Status::Interrupted);
}

// Locked.
void receive_locked(Call& call) {
    const Result<Source> source = source_of(call.task(), call.argument(0));
    if (!source.ok()) return call.finish(source.status());
    give_up_reply(call.thread());
    source.value().server().set(call.thread());
    switch (receive_now(call, source.value())) {
        case Status::WouldBlock: return wait_for_message(call, source.value());
        default: return;
    }
}

// Locked. Blocks a sender until the queue has room, if that may be.
void wait_for_room(Call& call, Port& port) {
    Thread& thread = call.thread();
    if (call.argument(3) == abi::no_wait) return call.finish(Status::WouldBlock);
    if (call.ending()) return;
    pass_offer_on(thread);
    uint64_t& until = thread.messages.room_until;
    if (until == 0) until = deadline_of(call.argument(3));
    kernel().scheduler.block_current_until(ThreadState::WaitRoom, until);
    port.blocked_senders.push_back(thread);
    thread.waits_in = &port.blocked_senders;
}

enum class Sent { Done, Again };

// Locked. One attempt to send without waiting for an answer.
Sent send_to_port(Call& call, Right& right, Outgoing& outgoing, DroppedRights& dropped) {
    Kernel& k = kernel();
    const auto end = [&](Status status) {
        call.thread().messages.room_until = 0;
        call.finish(status);
        return Sent::Done;
    };
    const Result<Port*> found = port_to_send(right);
    if (!found.ok()) return end(found.status());
    Port& port = *found.value();
    refuse_receivers(port, outgoing.part(), call.argument(1));
    if (!has_receiver(port) && !has_room(port)) {
        wait_for_room(call, port);
        return Sent::Done;
    }
    const Result<Message*> message = k.heap.create<Message>();
    if (!message.ok()) return Sent::Again;
    const Status taken = outgoing.take_rights(call.task(), &port);
    if (taken != Status::Ok) {
        k.heap.destroy(message.value());
        return end(taken);
    }
    message.value()->label = call.argument(1);
    message.value()->badge = right.badge;
    message.value()->words = words_of(call);
    message.value()->boosted_until = call.thread().schedule.boosted_until;
    message.value()->long_part = outgoing.release();
    post(port, *message.value());
    use_up(right, dropped);
    return end(Status::Ok);
}

// Locked. A saved reply right is used up by the answer.
Sent send_reply(Call& call, Right& right, Outgoing& outgoing, DroppedRights& dropped) {
    Thread* caller = awaiting_reply(reinterpret_cast<uint64_t>(right.object), right.badge);
    const Result<Thread*> answered = answer_caller(call, caller, outgoing);
    if (answered.ok()) kernel().scheduler.make_ready(*answered.value());
    if (answered.ok() || answered.status() == Status::NotFound) dropped.drop(right);
    call.finish(answered.status());
    return Sent::Done;
}

// Locked.
Sent send_by_name(Call& call, Outgoing& outgoing, DroppedRights& dropped) {
    const Result<Right*> right = find_right(call.task(), call.argument(0));
    if (!right.ok()) {
        call.thread().messages.room_until = 0;
        call.finish(right.status());
        return Sent::Done;
    }
    if (right.value()->type == ObjectType::Reply) {
        return send_reply(call, *right.value(), outgoing, dropped);
    }
    return send_to_port(call, *right.value(), outgoing, dropped);
}

Sent try_to_send(Call& call, Outgoing& outgoing) {
    Thread& thread = call.thread();
    DroppedRights dropped;
    const LockGuard guard(kernel().scheduler.lock());
    const Sent sent = send_by_name(call, outgoing, dropped);
    const bool is_over = sent == Sent::Done && kernel().scheduler.current() == &thread;
    if (is_over) pass_offer_on(thread);
    return sent;
}

// A send that cannot be made.
void give_up_sending(Call& call, Status status) {
    const LockGuard guard(kernel().scheduler.lock());
    call.thread().messages.room_until = 0;
    pass_offer_on(call.thread());
    call.finish(status);
}

// Locked. The caller is blocked and waits for the answer; its question goes to `receiver`, which
// runs next here, or into the queue.
void ask(Call& call, Right& right, Port& port, LongMessage* part) {
    Kernel& k = kernel();
    Thread& thread = call.thread();
    Message& message = thread.messages.call;
    message.kind = Message::Kind::Call;
    message.caller = &thread;
    message.label = call.argument(1);
    message.badge = right.badge;
    message.words = words_of(call);
    message.long_part = part;
    ++thread.messages.calls;
    k.scheduler.block_current_until(ThreadState::WaitReply, deadline_of(call.argument(3)));
    Thread* receiver = receiver_for(port, part, message.label);
    if (receiver == nullptr) return post(port, message);
    hand_message(*receiver, message);
    if (receiver->messages.delivery.pending) {
        receiver->frame.pc -= 4;
        receiver->repeats = true;
    }
    k.scheduler.hand_over(*receiver);
}

void call_port(Call& call, Outgoing& outgoing) {
    DroppedRights dropped;
    const LockGuard guard(kernel().scheduler.lock());
    if (call.ending()) return;
    const Result<Right*> right = find_right(call.task(), call.argument(0));
    if (!right.ok()) return call.finish(right.status());
    const Result<Port*> port = port_to_send(*right.value());
    if (!port.ok()) return call.finish(port.status());
    if (call.argument(3) == abi::no_wait) return call.finish(Status::InvalidArgument);
    const Status taken = outgoing.take_rights(call.task(), port.value());
    if (taken != Status::Ok) return call.finish(taken);
    ask(call, *right.value(), *port.value(), outgoing.release());
    use_up(*right.value(), dropped);
}

// Reads what a call sends beside its words, and what room it has for what it waits for.
Status prepare(Call& call, bool sends, bool waits, Outgoing& outgoing) {
    if (call.argument(1) >= abi::kernel_label && sends) return Status::InvalidArgument;
    if (waits) call.thread().messages.room = {};
    if (call.argument(2) == 0) return Status::Ok;
    if (sends) TRY_STATUS(outgoing.read(call.task(), call.argument(2)));
    if (!waits) return Status::Ok;
    return read_room(call.task(), room_address(call, sends), call.thread().messages.room);
}

}  // namespace

void message_send(Call& call) {
    for (;;) {
        Outgoing outgoing;
        const Status status = prepare(call, true, false, outgoing);
        if (status != Status::Ok) return give_up_sending(call, status);
        if (try_to_send(call, outgoing) == Sent::Done) return;
        if (!kernel().memory.make_room()) return give_up_sending(call, Status::NoMemory);
    }
}

// By themselves, so that short calls need not make room for what these need.
[[gnu::noinline]] static void message_call_long(Call& call) {
    if (finish_wait(call, true)) return;
    Outgoing outgoing;
    const Status status = prepare(call, true, true, outgoing);
    if (status != Status::Ok) return call.finish(status);
    call_port(call, outgoing);
}

void message_receive(Call& call) {
    if (finish_wait(call, false)) return;
    Outgoing nothing;
    const Status status = prepare(call, false, true, nothing);
    if (status != Status::Ok) return call.finish(status);
    {
        const LockGuard guard(kernel().scheduler.lock());
        receive_locked(call);
        if (kernel().scheduler.current() != &call.thread()) return;
    }
    (void)finish_wait(call, false);
}

void message_reply(Call& call) {
    Kernel& k = kernel();
    Outgoing outgoing;
    const Status status = prepare(call, true, false, outgoing);
    if (status != Status::Ok) return call.finish(status);
    DroppedRights dropped;
    const LockGuard guard(k.scheduler.lock());
    const Result<Thread*> caller = answer_caller(call, call.thread().messages.reply_to, outgoing);
    if (caller.ok()) k.scheduler.make_ready(*caller.value());
    call.finish(caller.status());
}

[[gnu::noinline]] static void message_reply_receive_long(Call& call) {
    if (finish_wait(call, true)) return;
    Kernel& k = kernel();
    Thread& thread = call.thread();
    Outgoing outgoing;
    const Status status = prepare(call, true, true, outgoing);
    if (status != Status::Ok) return call.finish(status);
    {
        const LockGuard guard(k.scheduler.lock());
        const Result<Source> source = source_of(call.task(), call.argument(0));
        if (!source.ok()) return call.finish(source.status());
        const Result<Thread*> caller = answer_caller(call, thread.messages.reply_to, outgoing);
        if (!caller.ok() && caller.status() != Status::NotFound) {
            return call.finish(caller.status());
        }
        receive_locked(call);
        const bool waits = k.scheduler.current() != &thread;
        if (caller.ok()) {
            if (waits) {
                k.scheduler.hand_over(*caller.value());
            } else {
                k.scheduler.make_ready(*caller.value());
            }
        }
        if (waits) return;
    }
    (void)finish_wait(call, true);
}

void message_call(Call& call) {
    if (!call_short(call)) message_call_long(call);
}

void message_reply_receive(Call& call) {
    if (!reply_and_receive_short(call)) message_reply_receive_long(call);
}

void reply_save(Call& call) {
    Kernel& k = kernel();
    Thread& thread = call.thread();
    uint64_t caller_id = 0;
    uint64_t number = 0;
    {
        const LockGuard guard(k.scheduler.lock());
        Thread* caller = thread.messages.reply_to;
        if (caller == nullptr) return call.finish(Status::NotFound);
        caller_id = caller->id;
        number = caller->messages.calls;
    }
    // Until the right is there the caller is answered by this thread, so that its end is seen.
    const Result<uint32_t> name =
        grant(call.task(), ObjectType::Reply, reinterpret_cast<void*>(caller_id),
              abi::RightTransfer | abi::RightSendOnce, number);
    if (name.ok()) {
        const LockGuard guard(k.scheduler.lock());
        if (Thread* caller = thread.messages.reply_to) {
            caller->messages.answered_by = nullptr;
            thread.messages.reply_to = nullptr;
            // Another thread may have closed it already.
            if (call.task().rights.find(name.value()) == nullptr) {
                end_wait(*caller, Status::Interrupted);
            }
        }
    }
    call.finish(name);
}

}  // namespace kernel::calls
