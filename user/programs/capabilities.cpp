// SPDX-License-Identifier: Apache-2.0
// capabilities: what a task can name and do with it. Derivation, transfer, revocation while rights
// are used and while they are in messages, expiry, and children that are given little or nothing.
// Says what is wrong, and "capabilities: ok" when nothing is.
#include "user/lib/console.hpp"
#include "user/lib/container.hpp"
#include "user/lib/port.hpp"
#include "user/lib/schedule.hpp"
#include "user/lib/task.hpp"
#include "user/lib/thread.hpp"

namespace user {

namespace {

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr int nothing_found = 40;  // exit code of a child that could do nothing it should not

uint64_t failures = 0;

void check(bool good, std::string_view what) {
    if (good) return;
    __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
    print("capabilities: wrong: {}\n", what);
}

uint32_t value_of(const Result<uint32_t>& result, std::string_view what) {
    check(result.status() == Status::Ok, what);
    return result ? *result : abi::null_name;
}

Status try_to_send(uint32_t name) {
    return system::send_message(name, {}, abi::no_wait);
}

void derive_less() {
    const uint32_t port = value_of(system::create_port(), "no port");
    const uint32_t full = value_of(system::copy_send_right(port), "a right to send");
    const uint32_t silent = value_of(system::copy_right(full, abi::RightDuplicate), "less");
    check(try_to_send(silent) == Status::PermissionDenied, "sending without the right");
    const uint32_t again = value_of(system::copy_right(silent, ~0U), "a copy of less");
    check(try_to_send(again) == Status::PermissionDenied, "a right that has grown");
    const uint32_t last = value_of(system::copy_right(full, abi::RightSend), "the last");
    check(try_to_send(last) == Status::Ok, "sending");
    check(system::copy_right(last).status() == Status::PermissionDenied, "a copy of the last");
    check(system::revoke_right(last).status() == Status::PermissionDenied, "revoking by it");
    const auto report = system::read_right(last);
    check(report && report->mask == abi::RightSend && report->type == abi::ObjectType::Port,
          "what a right says of itself");
    // It may not be sent either.
    abi::MessageTransfer transfer{};
    transfer.right_count = 1;
    transfer.rights[0] = last;
    check(system::send_message(port, {}, abi::no_wait, &transfer) == Status::PermissionDenied,
          "sending what may not be sent");
    const auto taken = system::revoke_right(port);
    check(taken && *taken == 4, "how many were derived");
    for (const uint32_t name : {full, silent, again, last}) {
        check(system::read_right(name).status() == Status::NotFound, "a right that was revoked");
    }
    system::close_right(port);
}

// Of all names there are, few are anything.
void forge_names(uint32_t expected) {
    uint32_t found = 0;
    for (uint32_t index = 0; index < 256; ++index) {
        for (uint32_t generation = 0; generation < 16; ++generation) {
            if (system::read_right(generation << 16 | index)) ++found;
        }
    }
    uint64_t state = 99;
    for (unsigned i = 0; i < 2000; ++i) {
        state = state * 6364136223846793005 + 1442695040888963407;
        const uint64_t name = state | uint64_t{1} << 31;
        if (system::call(abi::SystemCall::RightRead, name).status() != Status::NotFound) ++found;
    }
    check(found == expected, "names that nobody was given");
}

void expire() {
    constexpr uint64_t lifetime = 3'000'000;
    const uint32_t port = value_of(system::create_port(), "no port");
    const uint32_t right = value_of(system::copy_right(port, ~0U, 0, lifetime), "a right");
    const uint32_t child = value_of(system::copy_right(right, ~0U, 0, 1000 * lifetime), "a child");
    check(try_to_send(right) == Status::Ok && try_to_send(child) == Status::Ok, "before the end");
    system::sleep(2 * lifetime);
    check(try_to_send(right) == Status::NotFound, "a right after its end");
    check(try_to_send(child) == Status::NotFound, "a child that outlives its parent");
    check(system::close_right(right) == Status::Ok, "closing what has expired");
    check(system::close_right(child) == Status::Ok, "closing what has expired");
    system::close_right(port);
}

void revoke_in_flight() {
    const uint32_t port = value_of(system::create_port(8), "no port");
    const uint32_t target = value_of(system::create_port(8), "no port");
    for (unsigned i = 0; i < 8; ++i) {
        abi::MessageTransfer transfer{};
        transfer.right_count = 1;
        transfer.rights[0] = value_of(system::copy_send_right(target, i + 1), "a right");
        check(system::send_message(port, {}, abi::no_wait, &transfer) == Status::Ok, "sending");
    }
    const auto taken = system::revoke_right(target);
    check(taken && *taken == 8, "rights in flight");
    for (unsigned i = 0; i < 8; ++i) {
        abi::MessageTransfer transfer{};
        transfer.right_count = 1;
        system::Message message;
        check(system::receive_message(port, message, abi::no_wait, &transfer) == Status::Ok,
              "a message without its right");
        check(transfer.rights[0] == abi::null_name, "a right that was revoked in flight");
    }
    system::close_right(port);
    system::close_right(target);
}

struct Sender {
    uint32_t right;
    uint64_t sent;
    Status end;
};

uint64_t send_until_refused(void* argument) {
    auto& sender = *static_cast<Sender*>(argument);
    do {
        sender.end = system::send_message(sender.right, {}, abi::wait_forever);
        ++sender.sent;
    } while (sender.end == Status::Ok);
    return 0;
}

// Threads use what is taken from them.
void revoke_in_use() {
    constexpr uint32_t senders = 3;
    const uint32_t port = value_of(system::create_port(4), "no port");
    const uint32_t middle = value_of(system::copy_send_right(port), "a right");
    Sender all[senders] = {};
    Thread threads[senders];
    for (uint32_t i = 0; i < senders; ++i) {
        all[i].right = value_of(system::copy_send_right(middle), "a right");
        const auto thread = Thread::create(send_until_refused, &all[i]);
        check(thread.status() == Status::Ok, "no thread");
        if (thread) threads[i] = *thread;
    }
    system::Message message;
    for (unsigned i = 0; i < 40; ++i) {
        check(system::receive_message(port, message) == Status::Ok, "receiving");
    }
    const auto taken = system::revoke_right(middle);
    check(taken && *taken == senders, "rights in use");
    while (system::receive_message(port, message, 1'000'000) == Status::Ok) {
    }
    for (uint32_t i = 0; i < senders; ++i) {
        check(threads[i].join().status() == Status::Ok, "joining");
        check(all[i].end == Status::NotFound, "how a sender ends");
    }
    check(try_to_send(middle) == Status::Ok, "the right that was revoked from");
    system::close_right(middle);
    system::close_right(port);
}

// As many as there can be, and all of them taken at once.
void revoke_many() {
    const uint32_t port = value_of(system::create_port(), "no port");
    uint64_t made = 0;
    while (system::copy_right(port)) ++made;
    check(made > 1000, "rights in a table");
    check(system::create_port().status() == Status::LimitReached, "a full table");
    const uint64_t begin = system::clock_now();
    const auto taken = system::revoke_right(port);
    check(taken && *taken == made, "all that were derived");
    print("capabilities: {} rights revoked in {} us\n", made, (system::clock_now() - begin) / 1000);
    system::close_right(port);
}

int run(std::string_view part, std::span<const uint32_t> given, uint32_t system_mask) {
    const auto task = system::spawn_task("bin/capabilities", part, 0, given, system_mask);
    check(task.status() == Status::Ok, "no child");
    if (!task) return -1;
    const auto result = system::wait_task(*task);
    return result && result->reason == abi::EndReason::Exited ? result->exit_code : -1;
}

void give_little() {
    check(run("nothing", {}, 0) == nothing_found, "a child that was given nothing");
    const auto object = system::create_object(abi::page_size);
    const uint32_t whole = value_of(object, "no memory");
    const auto address = system::map_object(whole, read_write);
    if (!address) return check(false, "no memory");
    *reinterpret_cast<uint64_t*>(*address) = 4711;
    const uint32_t mask = abi::RightRead | abi::right_common;
    const uint32_t read_only[] = {value_of(system::copy_right(whole, mask), "a right to read")};
    check(run("reader", read_only, abi::RightConsole) == 0, "a child that may read");
    check(*reinterpret_cast<uint64_t*>(*address) == 4711, "memory that was written to");
    // What a child had goes with it, and nothing else.
    const auto report = system::read_right(read_only[0]);
    check(report && report->derived == 0, "a right derived for a child that is gone");
    system::close_right(read_only[0]);
    system::close_right(whole);
    system::unmap_memory(*address, abi::page_size);
}

// Nobody hears a child that may do nothing: it tells by its exit code what it could.
int have_nothing() {
    int found = 0;
    char text[4] = "no\n";
    abi::SystemInfo info;
    const auto denied = [&](system::RawResult result) {
        if (result.status() != Status::PermissionDenied) ++found;
    };
    using abi::SystemCall;
    denied(system::call(SystemCall::ConsoleWrite, system::address_of(text), 3));
    denied(system::call(SystemCall::ConsoleRead, system::address_of(text), 3));
    denied(system::call(SystemCall::ArchiveMap));
    denied(system::call(SystemCall::SystemInfo, system::address_of(&info)));
    denied(system::call(SystemCall::PerformanceSet, 0, 1));
    denied(system::call(SystemCall::PowerOff, 1));
    denied(system::call(SystemCall::FramesOperate, 0, 0, 0));
    denied(system::call(SystemCall::MemoryAudit, 0));
    denied(system::call(SystemCall::InterruptCreate, 40));
    if (system::create_device_object(0, abi::page_size).status() != Status::PermissionDenied) {
        ++found;
    }
    if (system::open_object("bin/init").status() != Status::PermissionDenied) ++found;
    if (system::spawn_task("bin/init", "idle").status() != Status::PermissionDenied) ++found;
    if (system::read_right(abi::given_name(0)).status() != Status::NotFound) ++found;
    const auto own = system::read_right(abi::system_name);
    if (!own || own->mask != 0) ++found;
    if (system::copy_right(abi::system_name).status() != Status::PermissionDenied) ++found;
    return found == 0 ? nothing_found : found;
}

int read_only() {
    const uint32_t memory = abi::given_name(0);
    const auto address = system::map_object(memory, abi::ProtectionRead);
    check(address && *reinterpret_cast<uint64_t*>(*address) == 4711, "reading");
    check(system::map_object(memory, read_write).status() == Status::PermissionDenied, "writing");
    if (address) {
        check(system::protect_memory(*address, abi::page_size, read_write) ==
                  Status::PermissionDenied,
              "making it writable");
    }
    // A copy on write is the child's own.
    const auto own = system::map_object(memory, read_write, abi::MapPrivate);
    check(own.status() == Status::Ok, "a private copy");
    if (own) *reinterpret_cast<uint64_t*>(*own) = 1;
    const uint32_t all[] = {value_of(system::copy_right(memory, ~0U), "a copy")};
    check(system::map_object(all[0], read_write).status() == Status::PermissionDenied, "grown");
    return failures == 0 ? 0 : 1;
}

// A task is its parent's, who may give others as much of the right to it as he likes.
void lend_a_task() {
    const auto sleeper = system::spawn_task("bin/capabilities", "sleeper");
    const uint32_t task = value_of(sleeper, "no child");
    const uint32_t thread =
        value_of(system::open_right(task, abi::ObjectType::Thread, 0), "inside");
    check(read_thread(thread).status() == Status::Ok, "looking at a child's thread");
    check(schedule_thread(thread, normal_thread(50)) == Status::Ok, "scheduling a child");
    check(system::join_thread(thread).status() == Status::PermissionDenied, "joining a child's");
    const uint32_t mask = abi::RightControl | abi::RightDuplicate;
    const uint32_t lent[] = {value_of(system::copy_right(task, mask), "a right to control")};
    check(run("executioner", lent, abi::RightConsole) == 0, "a child that may end another");
    const auto result = system::wait_task(task);
    check(result && result->reason == abi::EndReason::Killed, "a task that another has ended");
    check(system::kill_task(lent[0]) == Status::NotFound, "ending what is gone");
    check(system::read_right(task).status() == Status::NotFound, "a name that is used up");
    check(system::close_right(lent[0]) == Status::Ok, "closing a right to what is gone");
    system::close_right(thread);
}

int sleep_long() {
    for (;;) system::sleep(1'000'000'000);
}

int execute() {
    const uint32_t task = abi::given_name(0);
    check(system::wait_task(task).status() == Status::PermissionDenied, "waiting");
    check(system::open_right(task, abi::ObjectType::Thread, 0).status() == Status::PermissionDenied,
          "looking into it");
    check(system::suspend_threads(task) == Status::Ok, "stopping it");
    check(system::kill_task(task) == Status::Ok, "ending it");
    // By a number there is nothing to be had.
    for (uint32_t id = 1; id < 100; ++id) {
        check(system::kill_task(id) == Status::NotFound, "a number for a name");
    }
    return failures == 0 ? 0 : 1;
}

// A program may look at its container and make others in it, and change it by no right.
void contain() {
    ContainerPlan plan{.name = "own"};
    plan.program = "bin/capabilities";
    plan.arguments = "contained";
    plan.own = abi::right_all_container;
    const auto container = Container::create(plan);
    check(container.status() == Status::Ok, "no container");
    if (!container) return;
    check(container->start() == Status::Ok, "starting it");
    check(container->wait_stopped(1'000'000'000) == Status::Ok, "its end");
    const auto seen = container->statistics();
    check(seen && seen->exit_code == 0, "what it could do");
    check(container->remove() == Status::Ok, "removing it");
}

int look_around() {
    const Container own(abi::container_name);
    const auto seen = own.statistics();
    check(seen && seen->state == abi::ContainerState::Running, "looking at one's own");
    check(own.pause() == Status::PermissionDenied, "pausing oneself");
    check(own.set(abi::ContainerLimit::PidsMax, 100) == Status::PermissionDenied,
          "one's own limit");
    const auto inner = Container::create({.name = "inner"});
    check(inner && inner->kill() == Status::Ok && inner->remove() == Status::Ok, "one below");
    return failures == 0 ? 0 : 1;
}

}  // namespace

int user_main(std::string_view arguments) {
    if (arguments == "nothing") return have_nothing();
    if (arguments == "reader") return read_only();
    if (arguments == "sleeper") return sleep_long();
    if (arguments == "executioner") return execute();
    if (arguments == "contained") return look_around();
    forge_names(3);  // the machine, the task itself, and its container
    derive_less();
    expire();
    revoke_in_flight();
    revoke_in_use();
    revoke_many();
    give_little();
    lend_a_task();
    contain();
    const auto audit = system::audit_memory();
    check(audit && audit->mismatch == abi::MemoryMismatch::None, "the kernel's books");
    print("capabilities: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
