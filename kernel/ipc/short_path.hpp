// SPDX-License-Identifier: Apache-2.0
// The short way of messages: a call, and the answer to it, between two threads on one CPU of which
// the other one waits already.
//
// Its bound can be read: no loop, no allocation, no user memory, one lock, one change of threads.
// The scheduler's queues are not touched, and the timer is not programmed: the thread that goes on
// has what is left of the turn of the one that waits. Whatever does not fit goes the long way
// (kernel/trap/calls_message.cpp), with the same results.
#pragma once

#include "kernel/trap/system_calls.hpp"

namespace kernel {

// MessageCall and MessageReplyReceive. False: nothing has been done, and the call is to go the long
// way. Precondition: no lock is held.
[[nodiscard]] bool call_short(Call& call);
[[nodiscard]] bool reply_and_receive_short(Call& call);

}  // namespace kernel
