// SPDX-License-Identifier: Apache-2.0
// containers: puts all kinds of load into containers (bin/container_load) and verifies that each
// limit holds, that nobody outside notices, and that nothing is left when a container is deleted.
#include "user/lib/console.hpp"
#include "user/lib/container.hpp"

namespace user {

namespace {

using abi::ContainerLimit;
using abi::ContainerState;

constexpr uint64_t millisecond = 1'000'000;
constexpr uint64_t patience = 2'000 * millisecond;
constexpr uint64_t page = abi::page_size;
constexpr std::string_view load = "bin/container_load";

unsigned failures = 0;

void expect(bool holds, std::string_view what, uint64_t value = 0) {
    if (holds) return;
    ++failures;
    print("failed: {} ({})\n", what, value);
}

void expect_status(Status status, Status wanted, std::string_view what) {
    if (status == wanted) return;
    ++failures;
    print("failed: {}: {}\n", what, status);
}

abi::ContainerStatistics look(Container container) {
    const auto seen = container.statistics();
    expect(static_cast<bool>(seen), "statistics of a container");
    return seen ? *seen : abi::ContainerStatistics{};
}

Container begin(ContainerPlan plan, std::string_view arguments) {
    plan.program = load;
    plan.arguments = arguments;
    const auto container = Container::create(plan);
    expect_status(container.status(), Status::Ok, "create");
    if (!container) return {};
    expect(look(*container).state == ContainerState::Created, "created");
    expect_status(container->start(), Status::Ok, "start");
    return *container;
}

void end(Container container) {
    const Status killed = container.kill();
    expect(killed == Status::Ok || killed == Status::Busy, "kill");
    expect_status(container.wait_stopped(patience), Status::Ok, "stopped");
    const auto left = look(container);
    expect(left.tasks == 0, "tasks are left", left.tasks);
    expect(left.memory_current == 0, "memory is left", left.memory_current);
    expect(left.swap_current == 0, "swap is left", left.swap_current);
    expect_status(container.remove(), Status::Ok, "delete");
    expect_status(container.remove(), Status::NotFound, "delete again");
}

// Waits until `holds(statistics)`.
template <class Condition>
abi::ContainerStatistics await(Container container, Condition holds, std::string_view what) {
    for (unsigned i = 0; i < 500; ++i) {
        const auto seen = look(container);
        if (holds(seen)) return seen;
        system::sleep(millisecond);
    }
    expect(false, what);
    return look(container);
}

void life_cycle() {
    ContainerPlan plan{.name = "life"};
    plan.program = load;
    plan.arguments = "exit 7";
    const auto made = Container::create(plan);
    expect_status(made.status(), Status::Ok, "create");
    expect_status(Container::create(plan).status(), Status::Busy, "the same name");
    const Container container = *made;
    expect_status(container.remove(), Status::Busy, "delete what is created");
    expect_status(container.pause(), Status::Busy, "pause what is created");
    expect_status(container.start(), Status::Ok, "start");
    expect_status(container.wait_stopped(patience), Status::Ok, "stopped by itself");
    expect(look(container).exit_code == 7, "exit code");
    expect_status(container.start(), Status::Busy, "start what is stopped");
    expect_status(container.kill(), Status::Busy, "kill what is stopped");
    expect_status(container.remove(), Status::Ok, "delete");
    expect_status(Container(0).kill(), Status::PermissionDenied, "kill my own");
    expect_status(Container(9999).kill(), Status::NotFound, "kill what is not there");
}

void fork_bomb() {
    ContainerPlan plan{.name = "fork"};
    const Container container = begin(plan.limit(ContainerLimit::PidsMax, 24), "fork");
    const auto full = await(
        container, [](const auto& seen) { return seen.pids_events_max >= 24; }, "a fork bomb");
    expect(full.pids_current == 24 && full.pids_peak == 24, "pids.max", full.pids_current);
    const auto outside = system::spawn_task(load, "exit 3");
    expect_status(outside.status(), Status::Ok, "a task outside");
    if (outside) expect(system::wait_task(*outside)->exit_code == 3, "its exit code");
    end(container);
}

void thread_bomb() {
    ContainerPlan plan{.name = "threads"};
    const Container container = begin(plan.limit(ContainerLimit::PidsMax, 12), "threads");
    (void)await(
        container, [](const auto& seen) { return seen.pids_events_max != 0; }, "a thread bomb");
    expect(look(container).pids_current == 12, "pids.max of threads");
    end(container);
}

void memory_hog() {
    const auto outside = system::spawn_task(load, "memory 400");
    ContainerPlan plan{.name = "memory"};
    plan.limit(ContainerLimit::MemoryMax, 200 * page).limit(ContainerLimit::SwapMax, page);
    const Container container = begin(plan, "memory 400");
    expect_status(container.wait_stopped(10 * patience), Status::Ok, "a memory hog");
    const auto seen = look(container);
    expect(seen.end_reason == static_cast<uint32_t>(abi::EndReason::OutOfMemory), "out of memory",
           seen.end_reason);
    expect(seen.memory_events_oom_kill == 1, "memory.events oom_kill");
    expect(seen.memory_peak <= 204 * page, "memory.max", seen.memory_peak / page);
    if (outside) expect(system::wait_task(*outside)->exit_code == 0, "a hog outside");
    end(container);
}

// What does not fit is stored away, and comes back as it was.
void memory_with_swap() {
    ContainerPlan plan{.name = "swap"};
    const Container container =
        begin(plan.limit(ContainerLimit::MemoryMax, 200 * page), "memory 400");
    expect_status(container.wait_stopped(10 * patience), Status::Ok, "a hog with swap");
    expect(look(container).exit_code == 0, "what it read");
    expect(look(container).memory_peak <= 204 * page, "memory.max with swap");
    end(container);
}

void cpu_hog() {
    ContainerPlan plan{.name = "cpu"};
    plan.limit(ContainerLimit::CpuQuota, 20'000).limit(ContainerLimit::CpuPeriod, 100'000);
    const Container container = begin(plan, "spin");
    for (unsigned i = 0; i < 5; ++i) {
        const auto more = container.spawn(load, "spin");
        expect_status(more.status(), Status::Ok, "another spinner");
    }
    const uint64_t before = look(container).cpu_usage;
    const uint64_t begun = system::clock_now();
    system::sleep(1'000 * millisecond);
    const auto seen = look(container);
    const uint64_t elapsed = (system::clock_now() - begun) / 1000;
    const uint64_t used = seen.cpu_usage - before;
    // 20 ms of 100 ms, in all; as much more or less at either end, and once for CPUs that come to
    // their turn one after the other, as QEMU's do.
    expect(used * 5 < elapsed + 300'000 && used * 5 + 300'000 > elapsed, "cpu.max", used);
    expect(seen.cpu_periods_throttled != 0, "throttled periods");
    expect(seen.cpu_some.total_microseconds != 0, "pressure");
    expect_status(container.set(ContainerLimit::CpuQuota, 0), Status::InvalidArgument, "no quota");
    end(container);
}

void freeze() {
    const Container container = begin({.name = "freeze"}, "spin");
    (void)container.spawn(load, "spin");
    (void)await(
        container, [](const auto& seen) { return seen.cpu_usage > 5'000; }, "a spinner");
    expect_status(container.pause(), Status::Ok, "pause");
    const uint64_t before = look(container).cpu_usage;
    expect(look(container).paused == 1, "paused");
    system::sleep(50 * millisecond);
    expect(look(container).cpu_usage == before, "it ran while it was paused");
    expect_status(container.resume(), Status::Ok, "resume");
    (void)await(
        container, [&](const auto& seen) { return seen.cpu_usage > before; }, "it runs again");
    expect_status(container.pause(), Status::Ok, "pause again");
    end(container);
}

void deep_tree() {
    const Container container = begin({.name = "tree"}, "tree");
    const auto deep = await(
        container, [](const auto& seen) { return seen.descendants == 6; }, "a deep tree");
    expect(deep.tasks == 7, "tasks of a deep tree", deep.tasks);
    print("containers: tree of {} below\n", deep.descendants);
    // Who looks from outside does so now and then.
    system::sleep(200 * millisecond);
    const auto below = container.next_child({});
    expect(below && below->id() != 0, "the next one below");
    end(container);
    if (below) expect_status(below->kill(), Status::NotFound, "one of a tree that is gone");
}

// Who exits at once makes one call, its last, and the log outlives it.
void audit_log() {
    ContainerPlan plan{.name = "audit"};
    plan.program = load;
    plan.arguments = "exit 7";
    const auto container = Container::create(plan);
    expect_status(container.status(), Status::Ok, "create");
    if (!container) return;
    static abi::AuditRecord records[abi::audit_capacity];
    uint64_t forgotten = 0;
    expect_status(container->take_audit(records, forgotten).status(), Status::NotFound, "no log");
    expect_status(container->audit(abi::AuditCalls), Status::Ok, "audit");
    expect_status(container->start(), Status::Ok, "start");
    expect_status(container->wait_stopped(patience), Status::Ok, "stopped");
    const auto count = container->take_audit(records, forgotten);
    expect_status(count.status(), Status::Ok, "its log");
    expect(forgotten == 0, "records are forgotten", forgotten);
    const uint64_t last = count && *count != 0 ? *count - 1 : 0;
    expect(records[last].call == static_cast<uint32_t>(abi::SystemCall::TaskExit), "its last call",
           records[last].call);
    expect(records[last].argument == 7, "the exit code in its log", records[last].argument);
    end(*container);
}

void run(std::string_view name, void (*part)()) {
    const unsigned before = failures;
    part();
    print("containers: {} {}\n", name, failures == before ? "ok" : "failed");
}

}  // namespace

int user_main(std::string_view) {
    run("life_cycle", life_cycle);
    run("fork_bomb", fork_bomb);
    run("thread_bomb", thread_bomb);
    run("memory_hog", memory_hog);
    run("memory_with_swap", memory_with_swap);
    run("cpu_hog", cpu_hog);
    run("freeze", freeze);
    run("deep_tree", deep_tree);
    run("audit_log", audit_log);
    const auto audit = system::audit_memory();
    expect(audit && audit->mismatch == abi::MemoryMismatch::None, "the books on page frames");
    expect(look(Container()).descendants == 0, "containers are left");
    expect(look(Container()).pids_current == 2, "tasks are left", look(Container()).pids_current);
    print("containers: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
