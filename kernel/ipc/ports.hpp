// SPDX-License-Identifier: Apache-2.0
// What ports, port sets and interrupts do. All of it is locked, by the Objects lock, unless it says
// that no lock is held.
#pragma once

#include "kernel/base/result.hpp"
#include "kernel/ipc/port.hpp"

namespace kernel {

class DroppedRights;

// Messages.

// Gives a message to a waiting receiver, or queues it. Precondition: the port is alive; a message
// from the heap has room in the queue (has_room()).
void post(Port& port, Message& message);
[[nodiscard]] inline bool has_room(const Port& port) {
    return port.queued_sends < port.limit;
}
// Whether somebody waits for a message of the port.
[[nodiscard]] inline bool has_receiver(const Port& port) {
    return !port.receivers.empty() || (port.set != nullptr && !port.set->receivers.empty());
}
// Tells the first sender that waits for room to try again, if there is room or a receiver.
void offer_room(Port& port);
// A sender that was told so is done, whatever came of it: the next one may have its turn.
void pass_offer_on(Thread& sender);
// Threads that wait for a message and have no room for this one wait no more: LimitReached.
void refuse_receivers(Port& port, const LongMessage* part, uint64_t label);
// The first message of a port, or null.
[[nodiscard]] Message* first_message(Port& port);
// A message leaves its queue. Wakes one sender that waits for room.
void take_message(Message& message);
// Gives a message that is in no queue to a thread that is to have it: short ones in its registers,
// long ones for it to copy.
void hand_message(Thread& to, Message& message);
// A message that nobody will receive: its caller is told, its rights go, it is freed.
void discard_message(Message& message, DroppedRights& dropped);
// The first thread that waits for a message of the port and has room for it, or null, after
// refuse_receivers(). It leaves the list.
[[nodiscard]] Thread* receiver_for(Port& port, const LongMessage* part, uint64_t label);
// Tells a thread what it has no room for.
void refuse_long(Thread& thread, uint64_t label, const LongMessage& part);
// What a short message says, into the registers of a thread that receives it.
void deliver_registers(Thread& to, uint64_t label, uint64_t badge, const MessageWords& words,
                       bool wants_reply);

// Lives.

// The right to receive is gone. What it leads to is done by bury_ports().
void kill_port(Port& port);
// Empties dead ports, with preemption points. Precondition: no lock is held.
void bury_ports();
void release_port(Port& port);
// A right to send is gone.
void lose_sender(Port& port);
// Who asked for it is not told of the port's death any more.
void forget_watch(DeadNameWatch& watch, Port& watched);
// Precondition: no lock is held.
void release_set(PortSet& set);
void release_interrupt(Interrupt& interrupt);

// Membership.
[[nodiscard]] Status join_set(Port& port, PortSet& set);
void leave_set(Port& port);

// Threads.

// A blocked thread makes its call again.
void repeat_call(Thread& thread);
// A thread waits no more for a message, an answer or room; it is not made ready.
void stop_waiting(Thread& thread);
// The same, and it goes on with that result.
void end_wait(Thread& thread, Status status);
void wake_all(WaitQueue& waiters, Status status);
// A thread is gone: who waits for its answer is told. What was delivered to it stays for
// drop_deliveries().
void leave_calls(Thread& thread);
// Precondition: no lock is held, the thread is gone.
void drop_deliveries(Thread& thread);
// The thread that waits in its call of that number for an answer whose right was saved, or null.
[[nodiscard]] Thread* awaiting_reply(uint64_t thread_id, uint64_t number);

// An interrupt has come on a line that the kernel does not serve itself; false when nobody has it.
// Precondition: no lock is held.
[[nodiscard]] bool take_device_interrupt(uint32_t line);

}  // namespace kernel
