// SPDX-License-Identifier: Apache-2.0
// What ports do, told as simply as it can be: the reference for the model test. Threads, ports and
// sets are numbers; nothing here knows the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "kernel/abi/status.hpp"

namespace kernel {

struct ModelMessage {
    uint64_t label = 0;
    uint64_t word = 0;
    uint64_t badge = 0;
    uint32_t size = 0;  // bytes beside the words
    int caller = -1;
};

// What a thread finds when its call is over.
struct ModelResult {
    abi::Status status = abi::Status::Ok;
    bool has_message = false;
    ModelMessage message;
};

class PortModel {
  public:
    enum class Wait : uint32_t { None, Message, Reply, Room, Gone };
    static constexpr int none = -1;

    struct ModelThread {
        Wait wait = Wait::None;
        bool has_result = false;
        bool retries = false;   // its send is made again when it runs
        bool was_late = false;  // made again, it may find that the name is gone too
        ModelResult result;
        ModelMessage sending;
        int port = none;  // where it waits, or sends
        int reply_to = none;
        int answered_by = none;
    };
    struct ModelPort {
        bool alive = false;
        uint32_t limit = 0;
        int set = none;
        std::deque<ModelMessage> queue;
        std::deque<int> receivers;
        std::deque<int> blocked;
        [[nodiscard]] uint32_t sends() const {
            uint32_t count = 0;
            for (const ModelMessage& message : queue) count += message.caller == none ? 1 : 0;
            return count;
        }
    };
    struct ModelSet {
        std::deque<int> members;
        std::deque<int> ready;
        std::deque<int> receivers;
    };

    std::vector<ModelThread> threads;
    std::vector<ModelPort> ports;
    std::vector<ModelSet> sets;

    [[nodiscard]] unsigned runnable() const;
    [[nodiscard]] bool has_receiver(const ModelPort& port) const {
        return !port.receivers.empty() ||
               (port.set != none && !sets[static_cast<std::size_t>(port.set)].receivers.empty());
    }

    // A sender that was told of room makes its send again.
    void send_again(int thread);
    // Each sets the thread's result, or leaves it waiting.
    void send(int thread, int port, const ModelMessage& message, bool waits);
    void call(int thread, int port, ModelMessage message);
    void receive(int thread, int port, int set, bool waits);
    void reply(int thread, const ModelMessage& message);
    void reply_receive(int thread, const ModelMessage& message, int port, int set, bool waits);
    void close(int port);
    [[nodiscard]] abi::Status join(int port, int set);
    void leave(int port);
    void exit(int thread);

  private:
    ModelThread& thread_at(int index) { return threads[static_cast<std::size_t>(index)]; }
    ModelPort& port_at(int index) { return ports[static_cast<std::size_t>(index)]; }
    ModelSet& set_at(int index) { return sets[static_cast<std::size_t>(index)]; }

    void finish(int thread, abi::Status status);
    void hand(int thread, const ModelMessage& message);
    int take_receiver(ModelPort& port);
    void post(int port, const ModelMessage& message);
    ModelMessage take(int port);
    void offer_room(int port);
    void take_or_wait(int thread, int port, int set, bool waits);
};

}  // namespace kernel
