// SPDX-License-Identifier: Apache-2.0
// ipc: ports and messages between threads and tasks, floods and bad names, and the end of either
// side at every step of a call. Says what is wrong, and "ipc: ok" when nothing is. Children are the
// same program; the first right that they are given is one to send to the parent.
#include "user/lib/console.hpp"
#include "user/lib/port.hpp"
#include "user/lib/task.hpp"
#include "user/lib/thread.hpp"
#include "user/programs/ipc_parts.hpp"

namespace user {

namespace {

constexpr uint64_t calls = 500;
constexpr uint64_t last_label = 1000;

uint64_t failures = 0;

// Answers with each word plus the badge, until it is asked to stop.
uint64_t echo_server(void* argument) {
    const uint32_t port = *static_cast<const uint32_t*>(argument);
    system::Message message;
    uint64_t served = 0;
    Status status = system::receive_message(port, message);
    while (status == Status::Ok && message.label != last_label) {
        for (uint64_t& word : message.words) word += message.badge;
        ++served;
        status = system::reply_and_receive(port, message);
    }
    if (status == Status::Ok) status = system::reply_message(message);
    return status == Status::Ok ? served : 0;
}

// Calls a port so many times and checks what comes back; nanoseconds for each.
uint64_t call_often(uint32_t port, uint64_t badge) {
    const uint64_t begin = system::clock_now();
    for (uint64_t i = 0; i < calls; ++i) {
        system::Message message{.label = i % last_label, .words = {i, i + 1, i + 2, ~i}};
        check(system::call_port(port, message) == Status::Ok, "a call");
        check(message.words[0] == i + badge && message.words[3] == ~i + badge, "an answer");
    }
    return (system::clock_now() - begin) / calls;
}

void stop_server(uint32_t port) {
    system::Message message{.label = last_label};
    check(system::call_port(port, message) == Status::Ok, "the last call");
}

void within_a_task() {
    const auto port = system::create_port();
    if (!port) return check(false, "no port");
    const auto sender = system::copy_send_right(*port, 7);
    check(sender, "no right to send");
    uint32_t name = *port;
    const auto server = Thread::create(echo_server, &name, 1);
    check(server, "no thread");
    if (!sender || !server) return;
    const uint64_t each = call_often(*sender, 7);
    stop_server(*sender);
    Thread thread = *server;
    const auto served = thread.join();
    check(served && *served == calls, "calls that were served");
    print("ipc: {} ns a call between threads\n", each);
    check(system::close_right(*port) == Status::Ok, "closing a port");
    check(system::close_right(*sender) == Status::Ok, "closing a dead name");
}

// A child that serves: it sends a right to its own port first.
void between_tasks() {
    const Child child("echo");
    const uint32_t server = child.first_right();
    const uint64_t each = call_often(server, 9);
    stop_server(server);
    check(child.wait() == 0, "the serving child");
    print("ipc: {} ns a call between tasks\n", each);
    system::Message message;
    check(system::call_port(server, message) == Status::PortDead, "a call to one that is gone");
    system::close_right(server);
}

void floods() {
    constexpr uint32_t limit = 8;
    const auto port = system::create_port(limit);
    if (!port) return check(false, "no port");
    uint64_t sent = 0;
    while (sent < 2 * limit &&
           system::send_message(*port, {.label = sent}, abi::no_wait) == Status::Ok) {
        ++sent;
    }
    check(sent == limit, "the bound of a queue");
    check(system::send_message(*port, {}, 100'000) == Status::TimedOut, "a full queue's deadline");
    const Child child("flood", *port);
    for (uint64_t i = 0; i < limit + flood_messages; ++i) {
        system::Message message;
        check(system::receive_message(*port, message) == Status::Ok, "a flood");
        check(message.label == (i < limit ? i : i - limit), "the order of a flood");
    }
    check(child.wait() == 0, "the flooding child");
    system::Message message;
    check(system::receive_message(*port, message, abi::no_wait) == Status::WouldBlock, "too many");
    system::close_right(*port);
}

void bad_names() {
    uint64_t state = 12345;
    uint64_t found = 0;
    for (uint64_t i = 0; i < 2000; ++i) {
        state = state * 6364136223846793005 + 1442695040888963407;
        const auto name = static_cast<uint32_t>(state >> 32) | 0x8000'0000;
        system::Message message;
        if (system::send_message(name, message, abi::no_wait) != Status::NotFound) ++found;
        if (system::call_port(name, message) != Status::NotFound) ++found;
        if (system::receive_message(name, message, 0) != Status::NotFound) ++found;
    }
    check(found == 0, "a name that was made up");
    system::Message message;
    check(system::call_port(abi::system_name, message) == Status::InvalidArgument, "no port");
}

void long_messages() {
    const Child child("reverse");
    const uint32_t server = child.first_right();
    LongBuffer buffer;
    for (uint32_t size : {1U, 4096U, abi::message_bytes}) {
        for (uint32_t i = 0; i < size; ++i) buffer.out[i] = static_cast<char>(i * 7);
        buffer.prepare(size);
        uint32_t ports[abi::message_rights];
        for (uint32_t i = 0; i < abi::message_rights; ++i) {
            const auto port = system::create_port();
            check(port, "no port");
            ports[i] = port ? *port : 0;
            const auto right = system::copy_send_right(ports[i], i);
            buffer.transfers.sent.rights[i] = right ? *right : 0;
        }
        buffer.transfers.sent.right_count = abi::message_rights;
        system::Message message{.label = 1};
        check(
            system::call_port(server, message, abi::wait_forever, &buffer.transfers) == Status::Ok,
            "a long call");
        check(abi::info_size(message.info) == size, "the size of an answer");
        uint64_t wrong = 0;
        for (uint32_t i = 0; i < size; ++i) {
            if (buffer.in[i] != static_cast<char>((size - 1 - i) * 7)) ++wrong;
        }
        check(wrong == 0, "the bytes of an answer");
        // The server has sent to each port by the right that it was given.
        for (uint32_t i = 0; i < abi::message_rights; ++i) {
            check(system::receive_message(ports[i], message, abi::no_wait) == Status::Ok &&
                      message.badge == i,
                  "a message by a right from a message");
            system::close_right(ports[i]);
        }
    }
    stop_server(server);
    check(child.wait() == 0, "the reversing child");
    system::close_right(server);
}

// Memory that goes with a message: moved, and as a copy on write.
void out_of_line() {
    constexpr uint64_t size = 1 << 20;
    const Child child("memory");
    const uint32_t server = child.first_right();
    const auto object = system::create_object(size);
    const auto address = object ? system::map_object(*object, read_write) : object.status();
    if (!address) return check(false, "no memory");
    auto* words = reinterpret_cast<uint64_t*>(*address);
    for (uint64_t at = 0; at < size / 8; at += 512) words[at] = at;
    system::Transfers transfers;
    transfers.sent.right_count = 1;
    transfers.sent.rights[0] = *object;
    transfers.sent.disposals[0] = abi::RightDisposal::CopyOnWrite;
    system::Message message{.label = 1};
    check(system::call_port(server, message, abi::wait_forever, &transfers) == Status::Ok, "copy");
    check(message.words[0] == 0 && words[0] == 0 && words[512] == 512, "a copy on write");
    transfers.sent.disposals[0] = abi::RightDisposal::Move;
    message = {.label = 1};
    check(system::call_port(server, message, abi::wait_forever, &transfers) == Status::Ok, "move");
    check(message.words[0] == 0 && words[512] == ~uint64_t{512}, "memory that was moved");
    check(system::close_right(*object) == Status::NotFound, "a right that was moved");
    stop_server(server);
    check(child.wait() == 0, "the child with memory");
    system::unmap_memory(*address, size);
    system::close_right(server);
}

// The other side ends at every step.
void deaths() {
    {
        const Child child("receive_and_exit");  // with the call in its hands
        const uint32_t server = child.first_right();
        system::Message message{.label = 1};
        check(system::call_port(server, message) == Status::Interrupted, "a server that exits");
        check(child.wait() == 0, "the exiting child");
        system::close_right(server);
    }
    {
        const Child child("never_receive");  // with the call in its queue, and a long one
        const uint32_t server = child.first_right();
        LongBuffer buffer;
        buffer.prepare(abi::message_bytes);
        system::Message message{.label = 1};
        const Status status = system::call_port(server, message, 20'000'000, &buffer.transfers);
        check(status == Status::TimedOut, "a server that does not answer");
        check(system::kill_task(child.name()) == Status::Ok, "killing");
        check(system::call_port(server, message, 20'000'000) == Status::PortDead, "a dead server");
        (void)child.wait();
        system::close_right(server);
    }
    const auto port = system::create_port(0);
    if (!port) return check(false, "no port");
    for (const std::string_view part : {"call", "call_long"}) {
        for (const bool received : {false, true}) {
            const Child child(part, *port);  // ends while it waits for us
            system::Message message;
            LongBuffer buffer;
            buffer.transfers.received.right_count = 0;
            if (received) {
                check(system::receive_message(*port, message, abi::wait_forever,
                                              &buffer.transfers.received) == Status::Ok,
                      "a call to be cut off");
            } else {
                system::sleep(2'000'000);
            }
            check(system::kill_task(child.name()) == Status::Ok, "killing a caller");
            (void)child.wait();
            if (received) {
                check(system::reply_message(message) == Status::NotFound, "an answer to nobody");
            }
            check(system::receive_message(*port, message, abi::no_wait) == Status::WouldBlock,
                  "a call of one that is gone");
        }
    }
    system::close_right(*port);
}

void notices() {
    const auto port = system::create_port(0);
    const auto told = system::create_port(0);
    if (!port || !told) return check(false, "no port");
    {
        const Child child("exit", *port);
        const Status asked = system::notify_no_senders(*port);
        check(asked == Status::Ok || asked == Status::NotFound, "asking for a notice");
        system::Message message;
        if (asked == Status::Ok) {
            check(system::receive_message(*port, message, 1'000'000'000) == Status::Ok &&
                      message.label == abi::label_no_senders,
                  "no more senders");
        }
        check(child.wait() == 0, "the child that exits");
    }
    {
        const Child child("never_receive");
        const uint32_t server = child.first_right();
        check(system::notify_dead_name(server, *told) == Status::Ok, "watching a name");
        check(system::kill_task(child.name()) == Status::Ok, "killing");
        system::Message message;
        check(system::receive_message(*told, message, 1'000'000'000) == Status::Ok &&
                  message.label == abi::label_dead_name && message.words[0] == server,
              "a dead name");
        (void)child.wait();
        system::close_right(server);
    }
    system::close_right(*port);
    system::close_right(*told);
}

void run_all() {
    within_a_task();
    between_tasks();
    floods();
    bad_names();
    long_messages();
    out_of_line();
    deaths();
    notices();
}

uint64_t free_frames() {
    const auto info = system::system_info();
    return info ? info->frames_free : 0;
}

}  // namespace

void check(bool good, std::string_view what) {
    if (good) return;
    __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
    print("ipc: wrong: {}\n", what);
}

int finish_child() {
    return failures == 0 ? 0 : 1;
}

int user_main(std::string_view arguments) {
    if (!arguments.empty()) return run_child(arguments, echo_server);
    run_all();
    // The first round has made the kernel's caches as large as they become.
    const uint64_t before = free_frames();
    run_all();
    const uint64_t after = free_frames();
    constexpr uint64_t cached = 64;
    check(before < after + cached, "frames that are lost");
    const auto audit = system::audit_memory();
    check(audit && audit->mismatch == abi::MemoryMismatch::None, "the kernel's books");
    print("ipc: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
