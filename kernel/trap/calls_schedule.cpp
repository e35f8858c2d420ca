// SPDX-License-Identifier: Apache-2.0
// System calls on scheduling.
#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

// Locked. A thread that lives, 0 for the caller itself.
Result<Thread*> thread_argument(const Call& call, uint32_t mask) {
    if (call.argument(0) == 0) return &call.thread();
    return find_live_thread(call.task(), call.argument(0), mask);
}

Status check(const abi::ThreadParameters& wanted, DeadlineState& server) {
    if (static_cast<uint32_t>(wanted.schedule_class) >= abi::schedule_class_count ||
        wanted.priority >= priority_levels || wanted.weight < least_weight ||
        wanted.weight > greatest_weight) {
        return Status::InvalidArgument;
    }
    if (wanted.schedule_class != abi::ScheduleClass::Deadline) return Status::Ok;
    server.runtime = ticks_of(wanted.runtime);
    server.relative = ticks_of(wanted.deadline);
    server.period = ticks_of(wanted.period);
    return Reservations::is_possible(server) ? Status::Ok : Status::InvalidArgument;
}

// What puts a thread before those of others needs a right.
bool is_modest(const abi::ThreadParameters& wanted) {
    return wanted.schedule_class == abi::ScheduleClass::Normal && wanted.weight <= default_weight &&
           wanted.priority <= default_priority_level;
}

void fill(const Thread& thread, abi::ThreadReport& report) {
    const ScheduleFigures& figures = thread.schedule.figures;
    const DeadlineState& server =
        thread.server_from == nullptr ? thread.deadline : thread.schedule.own_server;
    report.parameters = {
        .schedule_class = static_cast<abi::ScheduleClass>(thread.schedule.own.schedule_class),
        .priority = thread.schedule.own.priority,
        .weight = thread.schedule.own.weight,
        .reserved = 0,
        .runtime = nanoseconds_of(server.runtime),
        .deadline = nanoseconds_of(server.relative),
        .period = nanoseconds_of(server.period),
        .cpu_mask = thread.cpu_mask};
    report.effective_class = static_cast<abi::ScheduleClass>(thread.schedule_class);
    report.cpu = thread.cpu;
    report.run_time = nanoseconds_of(figures.run_time);
    report.switches = figures.switches;
    report.preemptions = figures.preemptions;
    report.migrations = figures.migrations;
    report.waited = nanoseconds_of(figures.waited);
    report.longest_wait = nanoseconds_of(figures.longest_wait);
    report.jobs = figures.jobs;
    report.missed = figures.missed;
    report.worst_late = nanoseconds_of(figures.worst_late);
    report.throttled = server.throttled;
    report.predictions = thread.burst.predictions;
    report.predicted = thread.burst.hits;
    report.boosts = figures.boosts;
}

}  // namespace

void thread_schedule(Call& call) {
    abi::ThreadParameters wanted{};
    const Status read = call.task().space.read(&wanted, call.argument(1), sizeof wanted);
    if (read != Status::Ok) return call.finish(read);
    DeadlineState server;
    const Status possible = check(wanted, server);
    if (possible != Status::Ok) return call.finish(possible);
    if (!is_modest(wanted)) {
        const Status may = check_system(call.task(), abi::RightSchedule);
        if (may != Status::Ok) return call.finish(may);
    }
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return;
    const Result<Thread*> thread = thread_argument(call, abi::RightControl);
    if (!thread.ok()) return call.finish(thread.status());
    const ScheduleParameters parameters{
        .schedule_class = static_cast<ScheduleClass>(wanted.schedule_class),
        .priority = wanted.priority,
        .weight = wanted.weight};
    call.finish(k.scheduler.set_parameters(*thread.value(), parameters, server, wanted.cpu_mask));
}

void thread_schedule_read(Call& call) {
    abi::ThreadReport report{};
    Kernel& k = kernel();
    {
        const LockGuard guard(k.scheduler.lock());
        const Result<Thread*> thread = thread_argument(call, abi::RightInspect);
        if (!thread.ok()) return call.finish(thread.status());
        k.scheduler.bring_up_to_date(*thread.value());
        fill(*thread.value(), report);
    }
    call.finish(call.task().space.write(call.argument(1), &report, sizeof report));
}

void cpu_plug(Call& call) {
    Scheduler& scheduler = kernel().scheduler;
    if (call.argument(0) >= hal::max_cpus) return call.finish(Status::NotFound);
    const auto cpu = static_cast<unsigned>(call.argument(0));
    call.finish(call.argument(1) != 0 ? scheduler.plug(cpu) : scheduler.unplug(cpu));
}

void schedule_read(Call& call) {
    abi::ScheduleInfo info{};
    Kernel& k = kernel();
    {
        const LockGuard guard(k.scheduler.lock());
        k.scheduler.read_load(info);
    }
    for (abi::CpuLoad& cpu : info.cpus) cpu.busy = nanoseconds_of(cpu.busy);
    info.some.total = nanoseconds_of(info.some.total);
    info.full.total = nanoseconds_of(info.full.total);
    call.finish(call.task().space.write(call.argument(0), &info, sizeof info));
}

}  // namespace kernel::calls
