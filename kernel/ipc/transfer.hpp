// SPDX-License-Identifier: Apache-2.0
// What messages carry beside their words: bytes and rights, between user memory and a LongMessage.
//
// Bytes are copied without a lock, by the thread whose memory they are in or go to. Rights leave
// the sender's table in the one step that sends the message, so that a send that fails changes
// nothing.
#pragma once

#include "kernel/base/result.hpp"
#include "kernel/ipc/port.hpp"

namespace kernel {

struct Task;
class DroppedRights;

// A long message being made. What was not sent is freed with it.
class Outgoing final {
  public:
    Outgoing() = default;
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;
    ~Outgoing();

    // Reads what is to be sent. BadAddress, InvalidArgument, NoMemory, and what copying memory may
    // say. Precondition: no lock is held.
    [[nodiscard]] Status read(Task& task, uint64_t transfer);
    [[nodiscard]] LongMessage* part() const { return part_; }
    // Locked. Takes the rights out of the sender's table, all or none. `to`: the port whose queue
    // the message may come to lie in; null for an answer.
    [[nodiscard]] Status take_rights(Task& task, Port* to);
    // Locked. It is another one's from now on.
    LongMessage* release();

  private:
    [[nodiscard]] Status copy_objects(Task& task);
    [[nodiscard]] Status check(Task& task, unsigned index, Port* to, Right*& right) const;

    LongMessage* part_ = nullptr;
    abi::MessageTransfer transfer_{};
    Right* fresh_[abi::message_rights] = {};  // nodes for rights that do not exist yet
};

// Frees a long message with its rights. Precondition: no lock is held.
void drop_long(LongMessage* part);
// Locked. Only the rights.
void drop_rights(LongMessage& part, DroppedRights& dropped);

// How much there is room for at `transfer`; 0: none. Precondition: no lock is held.
[[nodiscard]] Status read_room(Task& task, uint64_t transfer, MessageRoom& room);
// Copies a message to user memory and frees it; rights get names. Precondition: no lock is held.
[[nodiscard]] Status deliver_long(Task& task, uint64_t transfer, LongMessage* part);

}  // namespace kernel
