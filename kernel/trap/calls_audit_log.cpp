// SPDX-License-Identifier: Apache-2.0
// System calls on audit logs, and what is written to them.
#include "kernel/container/audit_log.hpp"

#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel {

void audit_call(const Thread& caller, AuditLog& log, uint64_t number, uint64_t argument,
                uint64_t result) {
    if (!log.wants(number)) return;
    log.put({.number = 0,
             .ticks = hal::Machine::counter(),
             .task = caller.task->id,
             .thread = caller.id,
             .call = static_cast<uint32_t>(number),
             .status = static_cast<int64_t>(result) < 0 ? static_cast<int32_t>(result) : 0,
             .argument = argument});
}

namespace calls {
namespace {

constexpr uint64_t batch = 16;  // records between two preemption points

// The log of a container, made if there is none.
Result<AuditLog*> make_log(Container& container) {
    if (container.audit == nullptr) container.audit = TRY(AuditLog::create(kernel().heap));
    return container.audit;
}

// Threads of a slot's task write to the log from now on, or to the one of a container above.
void tell_threads(uint32_t slot) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Task* task = k.tasks.at_slot(slot);
    if (task == nullptr) return;
    AuditLog* log = task->container.audit_log();
    for (Thread* thread = task->threads.front(); thread != nullptr;
         thread = task->threads.next(*thread)) {
        thread->audit = log;
    }
}

Status set_mode(Call& call) {
    constexpr uint64_t known = abi::AuditCalls | abi::AuditCapabilities;
    if ((call.argument(1) & ~known) != 0) return Status::InvalidArgument;
    Kernel& k = kernel();
    {
        const LockGuard guard(k.scheduler.lock());
        Container* container = TRY(find_controlled(call.task(), call.argument(0)));
        AuditLog* log = TRY(make_log(*container));
        log->set_mode(static_cast<uint32_t>(call.argument(1)));
    }
    for (uint32_t slot = 0; slot < abi::max_tasks; ++slot) {
        tell_threads(slot);
        preemption_point();
    }
    return Status::Ok;
}

// Some records, as far as there are; how many.
Result<uint64_t> take_records(Call& call, abi::AuditRecord (&records)[batch], uint64_t wanted,
                              uint64_t& lost) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Container* container = TRY(find_controlled(call.task(), call.argument(0)));
    if (container->audit == nullptr) return Status::NotFound;
    uint64_t count = 0;
    while (count < wanted) {
        uint64_t missed = 0;
        const bool there = container->audit->take(records[count], missed);
        lost += missed;
        if (!there) break;
        ++count;
    }
    return count;
}

}  // namespace

void audit_control(Call& call) {
    call.finish(set_mode(call));
}

void audit_read(Call& call) {
    const uint64_t most = call.argument(2);
    if (most == 0 || most > abi::audit_capacity) return call.finish(Status::InvalidArgument);
    AddressSpace& space = call.task().space;
    const Status writable = space.check_writable(call.argument(1), most * sizeof(abi::AuditRecord));
    if (writable != Status::Ok) return call.finish(writable);
    uint64_t done = 0;
    uint64_t lost = 0;
    while (done < most) {
        abi::AuditRecord records[batch];
        const uint64_t wanted = most - done < batch ? most - done : batch;
        const Result<uint64_t> count = take_records(call, records, wanted, lost);
        if (!count.ok()) return call.finish(count.status());
        const Status written = space.write(call.argument(1) + done * sizeof(abi::AuditRecord),
                                           records, count.value() * sizeof(abi::AuditRecord));
        if (written != Status::Ok) return call.finish(written);
        done += count.value();
        if (count.value() < wanted) break;
        preemption_point();
    }
    call.finish(done, lost);
}

}  // namespace calls
}  // namespace kernel
