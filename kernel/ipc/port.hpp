// SPDX-License-Identifier: Apache-2.0
// Port, PortSet, Interrupt: where messages wait for threads, and threads for messages.
//
// Ports are after Mach's (Accetta et al., "Mach: A New Kernel Foundation for UNIX Development",
// USENIX Summer 1986): one right receives, any number send. Calls with direct hand-over to the
// receiver are after L4 (Liedtke, "Improving IPC by Kernel Design", SOSP 1993).
//
// Invariants, under the Objects lock:
// - A port has queued messages or waiting receivers, never both; a set has ready ports or waiting
//   receivers, never both.
// - At most `limit` of the queued messages are such that nobody waits for. Calls are bounded by the
//   threads there are, and the kernel's own messages by the objects that they lie in.
// - Where there is room and somebody waits for it, a sender that was told so has not sent yet.
// - `senders` is the number of rights to send, in tables and in messages.
// - A port is alive as long as there is a right to receive from it; a dead one has an empty queue
//   and no waiting threads once it is buried.
// - Receive rights in queued messages form no circle: following `in_transit` from any port ends.
#pragma once

#include <atomic>

#include "kernel/ipc/message.hpp"
#include "kernel/task/thread.hpp"

namespace kernel {

struct PortSet;
struct Port;

// The thread that has last begun to receive from a port or a set, as long as it does so nowhere
// else: whoever calls while nobody waits there lends to it, as it will most likely have the call.
class Server final {
  public:
    Server() = default;
    ~Server() { clear(); }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] Thread* thread() const { return thread_; }
    void set(Thread& thread) {
        if (thread_ == &thread) return;
        clear();
        if (thread.messages.serves != nullptr) thread.messages.serves->clear();
        thread_ = &thread;
        thread.messages.serves = this;
    }
    void clear() {
        if (thread_ != nullptr) thread_->messages.serves = nullptr;
        thread_ = nullptr;
    }

  private:
    Thread* thread_ = nullptr;
};

using MessageQueue = List<Message, &Message::node>;

// Tells a port that another one has died.
struct DeadNameWatch {
    ListNode node;
    Port* to = nullptr;  // with a reference
    Right* right = nullptr;
    Message* message = nullptr;
};

struct Port {
    static constexpr unsigned longest_transit = 32;  // ports that can be in each other's queues

    MessageQueue queue;
    WaitQueue receivers;
    WaitQueue blocked_senders;  // the queue is full
    Server server;
    PortSet* set = nullptr;
    ListNode set_node;     // among the ready ports of the set
    ListNode member_node;  // among all ports of the set
    ListNode dead_node;    // among those that are to be buried
    List<DeadNameWatch, &DeadNameWatch::node> watches;
    List<Thread, &Thread::exception_node> stopped;  // by an exception that the port was told of
    Message no_senders;                             // queued when it is due, if it was asked for
    Port* in_transit = nullptr;                     // in whose queue the right to receive is
    uint32_t limit = 0;
    uint32_t queued_sends = 0;  // messages that count for the limit
    uint32_t senders = 0;
    uint32_t references = 1;  // rights, watches, calls in progress
    bool alive = true;
    bool wants_no_senders = false;
};

struct PortSet {
    static constexpr unsigned most_members = 64;

    WaitQueue receivers;
    Server server;
    List<Port, &Port::set_node> ready;  // members with messages
    List<Port, &Port::member_node> members;
    uint32_t references = 1;
};

// Ports that are dead and not yet empty.
struct DeadPorts {
    List<Port, &Port::dead_node> ports;  // locked
    std::atomic<uint32_t> count{0};

    [[nodiscard]] bool any() const { return count.load(std::memory_order_relaxed) != 0; }
    void add(Port& port) {
        ports.push_back(port);
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    void remove(Port& port) {
        ports.remove(port);
        count.store(count.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }
};

constexpr uint32_t max_interrupts = 512;  // lines that can be objects

// An interrupt line as an object. Masked from the moment it comes until it is acknowledged.
struct Interrupt {
    uint32_t line = 0;
    Port* port = nullptr;  // with a reference; null: not bound
    Message message;
    uint64_t count = 0;     // how often it came
    bool is_input = false;  // who takes its messages serves input
    uint32_t references = 1;
};

}  // namespace kernel
