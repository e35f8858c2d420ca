// SPDX-License-Identifier: Apache-2.0
// System calls on ports, port sets and interrupts.
#include "kernel/capability/capabilities.hpp"
#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

constexpr uint32_t receiver_mask = abi::RightReceive | abi::RightSend | abi::RightSendOnce |
                                   abi::RightDuplicate | abi::RightTransfer | abi::RightRevoke;
constexpr uint32_t set_mask = abi::RightReceive | abi::RightControl;
constexpr uint32_t interrupt_mask = abi::RightControl | abi::RightTransfer;

// Locked.
Result<Port*> port_of(Task& task, uint64_t name, uint32_t mask) {
    const Right* right = TRY(find_right(task, name, ObjectType::Port, mask));
    return static_cast<Port*>(right->object);
}

Result<PortSet*> set_of(Task& task, uint64_t name) {
    const Right* right = TRY(find_right(task, name, ObjectType::PortSet, abi::RightControl));
    return static_cast<PortSet*>(right->object);
}

Status change_set(Task& task, uint64_t set_name, uint64_t port_name, bool joins) {
    const LockGuard guard(kernel().scheduler.lock());
    PortSet* set = TRY(set_of(task, set_name));
    Port* port = TRY(port_of(task, port_name, abi::RightReceive));
    if (joins) return join_set(*port, *set);
    if (port->set != set) return Status::NotFound;
    leave_set(*port);
    return Status::Ok;
}

Status ask_for_no_senders(Task& task, uint64_t port_name) {
    const LockGuard guard(kernel().scheduler.lock());
    Port* port = TRY(port_of(task, port_name, abi::RightReceive));
    if (port->senders == 0) return Status::NotFound;
    port->wants_no_senders = true;
    return Status::Ok;
}

// Memory for a watch, which is given back if it is not used.
struct NewWatch {
    NewWatch() = default;
    NewWatch(const NewWatch&) = delete;
    NewWatch& operator=(const NewWatch&) = delete;
    ~NewWatch() {
        if (watch != nullptr) kernel().heap.destroy(watch);
        if (message != nullptr) kernel().heap.destroy(message);
    }
    [[nodiscard]] Status make() {
        Kernel& k = kernel();
        watch = TRY(k.memory.insist([&] { return k.heap.create<DeadNameWatch>(); }));
        message = TRY(k.memory.insist([&] { return k.heap.create<Message>(); }));
        return Status::Ok;
    }

    DeadNameWatch* watch = nullptr;
    Message* message = nullptr;
};

Status watch_for_death(Task& task, uint64_t name, uint64_t to_name) {
    NewWatch fresh;
    TRY_STATUS(fresh.make());
    const LockGuard guard(kernel().scheduler.lock());
    Right* right = TRY(find_right(task, name, ObjectType::Port, 0));
    Port* to = TRY(port_of(task, to_name, abi::RightReceive));
    auto& port = *static_cast<Port*>(right->object);
    if (!port.alive) return Status::PortDead;
    if (right->watch != nullptr) return Status::Busy;
    DeadNameWatch& watch = *fresh.watch;
    watch.to = to;
    watch.right = right;
    watch.message = fresh.message;
    watch.message->kind = Message::Kind::Notice;
    watch.message->label = abi::label_dead_name;
    watch.message->words.word[0] = name;
    ++to->references;
    right->watch = &watch;
    port.watches.push_back(watch);
    fresh.watch = nullptr;
    fresh.message = nullptr;
    return Status::Ok;
}

Result<abi::PortReport> report(Task& task, uint64_t name) {
    const LockGuard guard(kernel().scheduler.lock());
    Port* port = TRY(port_of(task, name, abi::RightReceive));
    abi::PortReport result{};
    result.queued = static_cast<uint32_t>(port->queue.size());
    result.limit = port->limit;
    result.senders = port->senders;
    result.waiting = static_cast<uint32_t>(port->receivers.size());
    return result;
}

// Lines that the kernel serves itself, and those of one CPU, are nobody else's.
Status check_line(uint64_t line) {
    Kernel& k = kernel();
    constexpr uint64_t first_shared = 32;
    if (line >= max_interrupts || line >= k.interrupts.lines()) return Status::InvalidArgument;
    if (line < first_shared || line == k.machine.uart_interrupt) return Status::PermissionDenied;
    return Status::Ok;
}

Result<Interrupt*> create_interrupt(uint64_t line) {
    Kernel& k = kernel();
    TRY_STATUS(check_line(line));
    Interrupt* interrupt = TRY(k.memory.insist([&] { return k.heap.create<Interrupt>(); }));
    interrupt->line = static_cast<uint32_t>(line);
    interrupt->message.kind = Message::Kind::Kernel;
    interrupt->message.label = abi::label_interrupt;
    interrupt->message.words.word[0] = line;
    const LockGuard guard(k.scheduler.lock());
    if (k.device_interrupts[line] != nullptr) {
        k.heap.destroy(interrupt);
        return Status::Busy;
    }
    k.device_interrupts[line] = interrupt;
    return interrupt;
}

Status bind(Task& task, uint64_t name, uint64_t port_name, bool is_input) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Right* right = TRY(find_right(task, name, ObjectType::Interrupt, abi::RightControl));
    Port* port = TRY(port_of(task, port_name, abi::RightReceive));
    auto& interrupt = *static_cast<Interrupt*>(right->object);
    if (interrupt.port != nullptr && interrupt.port->alive) return Status::Busy;
    if (interrupt.port != nullptr) release_port(*interrupt.port);
    interrupt.port = port;
    interrupt.is_input = is_input;
    ++port->references;
    k.interrupts.enable(interrupt.line);
    return Status::Ok;
}

Status acknowledge(Task& task, uint64_t name) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Right* right = TRY(find_right(task, name, ObjectType::Interrupt, abi::RightControl));
    const auto& interrupt = *static_cast<Interrupt*>(right->object);
    if (interrupt.port == nullptr) return Status::NotFound;
    k.interrupts.enable(interrupt.line);
    return Status::Ok;
}

}  // namespace

void port_create(Call& call) {
    Kernel& k = kernel();
    if (call.argument(0) > abi::queue_limit) return call.finish(Status::InvalidArgument);
    const Result<Port*> port = k.memory.insist([&] { return k.heap.create<Port>(); });
    if (!port.ok()) return call.finish(port.status());
    port.value()->limit = static_cast<uint32_t>(call.argument(0));
    call.finish(grant(call.task(), ObjectType::Port, port.value(), receiver_mask));
}

void port_set_create(Call& call) {
    Kernel& k = kernel();
    const Result<PortSet*> set = k.memory.insist([&] { return k.heap.create<PortSet>(); });
    if (!set.ok()) return call.finish(set.status());
    call.finish(grant(call.task(), ObjectType::PortSet, set.value(), set_mask));
}

void port_set_change(Call& call) {
    if (call.argument(2) > 1) return call.finish(Status::InvalidArgument);
    call.finish(change_set(call.task(), call.argument(0), call.argument(1), call.argument(2) != 0));
}

void port_notify(Call& call) {
    switch (call.argument(1)) {
        case static_cast<uint64_t>(abi::PortEvent::NoSenders):
            return call.finish(ask_for_no_senders(call.task(), call.argument(0)));
        case static_cast<uint64_t>(abi::PortEvent::DeadName):
            return call.finish(watch_for_death(call.task(), call.argument(0), call.argument(2)));
        default: return call.finish(Status::InvalidArgument);
    }
}

void port_read(Call& call) {
    const Result<abi::PortReport> found = report(call.task(), call.argument(0));
    if (!found.ok()) return call.finish(found.status());
    const abi::PortReport result = found.value();
    call.finish(call.task().space.write(call.argument(1), &result, sizeof result));
}

void interrupt_create(Call& call) {
    const Result<Interrupt*> interrupt = create_interrupt(call.argument(0));
    if (!interrupt.ok()) return call.finish(interrupt.status());
    call.finish(grant(call.task(), ObjectType::Interrupt, interrupt.value(), interrupt_mask));
}

void interrupt_bind(Call& call) {
    const uint64_t flags = call.argument(2);
    if ((flags & ~abi::interrupt_is_input) != 0) return call.finish(Status::InvalidArgument);
    call.finish(bind(call.task(), call.argument(0), call.argument(1), flags != 0));
}

void interrupt_acknowledge(Call& call) {
    call.finish(acknowledge(call.task(), call.argument(0)));
}

}  // namespace kernel::calls
