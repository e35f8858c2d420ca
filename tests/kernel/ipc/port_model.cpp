// SPDX-License-Identifier: Apache-2.0
// What ports do, told as simply as it can be.
#include "tests/kernel/ipc/port_model.hpp"

#include <algorithm>

namespace kernel {

using abi::Status;

unsigned PortModel::runnable() const {
    unsigned count = 0;
    for (const ModelThread& thread : threads) count += thread.wait == Wait::None ? 1 : 0;
    return count;
}

void PortModel::finish(int thread, Status status) {
    ModelThread& it = thread_at(thread);
    if (it.answered_by != none) thread_at(it.answered_by).reply_to = none;
    it.answered_by = none;
    it.wait = Wait::None;
    it.has_result = true;
    it.result = {status, false, {}};
}

void PortModel::hand(int thread, const ModelMessage& message) {
    finish(thread, Status::Ok);
    ModelThread& it = thread_at(thread);
    it.result.has_message = true;
    it.result.message = message;
    if (message.caller == none) return;
    it.reply_to = message.caller;
    thread_at(message.caller).answered_by = thread;
}

int PortModel::take_receiver(ModelPort& port) {
    std::deque<int>* waiting = &port.receivers;
    if (waiting->empty() && port.set != none) waiting = &set_at(port.set).receivers;
    if (waiting->empty()) return none;
    const int first = waiting->front();
    waiting->pop_front();
    return first;
}

void PortModel::post(int port, const ModelMessage& message) {
    ModelPort& it = port_at(port);
    const int receiver = take_receiver(it);
    if (receiver != none) return hand(receiver, message);
    it.queue.push_back(message);
    if (it.set == none) return;
    std::deque<int>& ready = set_at(it.set).ready;
    if (std::find(ready.begin(), ready.end(), port) == ready.end()) ready.push_back(port);
}

ModelMessage PortModel::take(int port) {
    ModelPort& it = port_at(port);
    const ModelMessage message = it.queue.front();
    it.queue.pop_front();
    if (it.queue.empty() && it.set != none) std::erase(set_at(it.set).ready, port);
    if (message.caller == none) offer_room(port);
    return message;
}

void PortModel::offer_room(int port) {
    ModelPort& it = port_at(port);
    if (it.sends() >= it.limit && !has_receiver(it)) return;
    if (it.blocked.empty()) return;
    ModelThread& sender = thread_at(it.blocked.front());
    it.blocked.pop_front();
    sender.wait = Wait::None;
    sender.retries = true;
}

void PortModel::send_again(int thread) {
    ModelThread& sender = thread_at(thread);
    sender.retries = false;
    const int port = sender.port;
    send(thread, port, sender.sending, true);
    if (sender.wait == Wait::None) offer_room(port);
}

void PortModel::send(int thread, int port, const ModelMessage& message, bool waits) {
    ModelPort& it = port_at(port);
    if (!it.alive) return finish(thread, Status::PortDead);
    if (!has_receiver(it) && it.sends() >= it.limit) {
        if (!waits) return finish(thread, Status::WouldBlock);
        ModelThread& sender = thread_at(thread);
        sender.wait = Wait::Room;
        sender.sending = message;
        sender.port = port;
        it.blocked.push_back(thread);
        return;
    }
    finish(thread, Status::Ok);
    post(port, message);
}

void PortModel::call(int thread, int port, ModelMessage message) {
    if (!port_at(port).alive) return finish(thread, Status::PortDead);
    thread_at(thread).wait = Wait::Reply;
    message.caller = thread;
    post(port, message);
}

void PortModel::take_or_wait(int thread, int port, int set, bool waits) {
    int from = port;
    if (set != none) from = set_at(set).ready.empty() ? none : set_at(set).ready.front();
    if (from != none && !port_at(from).queue.empty()) {
        const ModelMessage message = take(from);
        if (set != none && !port_at(from).queue.empty()) {
            std::erase(set_at(set).ready, from);
            set_at(set).ready.push_back(from);
        }
        return hand(thread, message);
    }
    if (!waits) return finish(thread, Status::WouldBlock);
    ModelThread& it = thread_at(thread);
    it.wait = Wait::Message;
    (set != none ? set_at(set).receivers : port_at(port).receivers).push_back(thread);
    if (set == none) return offer_room(port);
    for (const int member : set_at(set).members) {
        if (!port_at(member).blocked.empty()) return offer_room(member);
    }
}

void PortModel::receive(int thread, int port, int set, bool waits) {
    const int caller = thread_at(thread).reply_to;
    if (caller != none) finish(caller, Status::Interrupted);
    take_or_wait(thread, port, set, waits);
}

void PortModel::reply(int thread, const ModelMessage& message) {
    const int caller = thread_at(thread).reply_to;
    if (caller == none) return finish(thread, Status::NotFound);
    hand(caller, message);
    finish(thread, Status::Ok);
}

void PortModel::reply_receive(int thread, const ModelMessage& message, int port, int set,
                              bool waits) {
    const int caller = thread_at(thread).reply_to;
    if (caller != none) hand(caller, message);
    take_or_wait(thread, port, set, waits);
}

void PortModel::leave(int port) {
    ModelPort& it = port_at(port);
    if (it.set == none) return;
    std::erase(set_at(it.set).ready, port);
    std::erase(set_at(it.set).members, port);
    it.set = none;
}

Status PortModel::join(int port, int set) {
    ModelPort& it = port_at(port);
    if (it.set != none) return Status::Busy;
    it.set = set;
    set_at(set).members.push_back(port);
    while (!it.queue.empty() && has_receiver(it)) {
        const int receiver = take_receiver(it);
        hand(receiver, take(port));
    }
    if (!it.queue.empty()) set_at(set).ready.push_back(port);
    offer_room(port);
    return Status::Ok;
}

void PortModel::close(int port) {
    leave(port);
    ModelPort& it = port_at(port);
    it.alive = false;
    for (const ModelMessage& message : it.queue) {
        if (message.caller != none) finish(message.caller, Status::PortDead);
    }
    for (const int receiver : it.receivers) finish(receiver, Status::PortDead);
    // Room that comes free while the queue is emptied lets senders try again, in vain.
    const auto is_late = [&](int sender) {
        finish(sender, Status::PortDead);
        thread_at(sender).retries = false;
        thread_at(sender).was_late = true;
    };
    for (const int sender : it.blocked) is_late(sender);
    for (size_t i = 0; i < threads.size(); ++i) {
        if (threads[i].retries && threads[i].port == port) is_late(static_cast<int>(i));
    }
    it.queue.clear();
    it.receivers.clear();
    it.blocked.clear();
}

void PortModel::exit(int thread) {
    const int caller = thread_at(thread).reply_to;
    if (caller != none) finish(caller, Status::Interrupted);
    thread_at(thread) = {};
    thread_at(thread).wait = Wait::Gone;
}

}  // namespace kernel
