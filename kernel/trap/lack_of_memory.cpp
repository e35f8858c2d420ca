// SPDX-License-Identifier: Apache-2.0
// Lack of memory.
#include "kernel/trap/lack_of_memory.hpp"

#include "kernel/kernel.hpp"
#include "kernel/memory/pressure/out_of_memory.hpp"

namespace kernel {
namespace {

constexpr uint64_t retry_nanoseconds = 1'000'000;

// Of a page fault above memory.high. As mem_cgroup_handle_over_high() of Linux 6.1 has it
// (mm/memcontrol.c): the square of the overage, in parts of the limit, for 64 pages; 2 s at most.
// Deviation: short delays are not left out.
uint64_t delay_of(uint64_t current, uint64_t high) {
    constexpr unsigned precision = 20;
    constexpr unsigned scaling = 14;
    constexpr uint64_t second = 1'000'000'000;
    constexpr uint64_t charge_batch = 64;
    constexpr uint64_t most = uint64_t{1} << 26;
    uint64_t overage = ((current - high) << precision) / (high != 0 ? high : 1);
    if (overage > most) overage = most;
    const uint64_t delay = (overage * overage >> precision) * (second >> scaling) / charge_batch;
    return delay < 2 * second ? delay : 2 * second;
}

OutOfMemoryCandidate candidate_of(Task& task) {
    return {.task = task.id,
            .is_init = task.id == Tasks::init_id,
            .is_ending = task.state == TaskState::Ending,
            .frames = task.space.frames_owned(),
            .swapped = task.space.pages_swapped()};
}

// Locked. One after the other, as the stack has no room for all.
Result<Task*> choose(const MemoryDomain* within, size_t& count) {
    Tasks& tasks = kernel().tasks;
    OutOfMemoryCandidate two[2];
    count = 0;
    for (unsigned slot = 0; slot < abi::max_tasks; ++slot) {
        Task* task = tasks.at_slot(slot);
        const bool lives = task != nullptr &&
                           (task->state == TaskState::Alive || task->state == TaskState::Ending);
        if (!lives) continue;
        if (within != nullptr && !within->contains(task->space.domain())) continue;
        ++count;
        two[1] = candidate_of(*task);
        const Result<size_t> better = choose_victim(two, 2);
        if (better.status() == Status::Busy) return Status::Busy;
        if (better.ok()) two[0] = two[better.value()];
    }
    if (two[0].weight() == 0) return Status::NotFound;
    return tasks.find(two[0].task);
}

// Locked. Returns the task to bury, if any.
Task* end_victim(Task& victim, size_t count, char (&text)[224], size_t& length) {
    Kernel& k = kernel();
    length = explain_victim(candidate_of(victim), k.info.tasks[victim.slot].name,
                            k.frames.free_frames(), count, text, sizeof text);
    Reclaim::add(k.info.pressure.out_of_memory_ends);
    if (MemoryDomain* domain = victim.space.domain()) domain->count_end();
    k.containers.post(victim.container, abi::ContainerEventKind::OutOfMemory, victim.id);
    abi::TaskResult result{};
    result.reason = abi::EndReason::OutOfMemory;
    return k.tasks.begin_end(victim, result);
}

}  // namespace

bool end_for_memory(const Thread& current, MemoryDomain* within) {
    Kernel& k = kernel();
    if (within != nullptr) within->count_out_of_memory();
    char text[224];
    size_t length = 0;
    Task* to_bury = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        size_t count = 0;
        const Result<Task*> victim = choose(within, count);
        if (victim.status() == Status::NotFound) return false;
        if (victim.ok()) to_bury = end_victim(*victim.value(), count, text, length);
        // Until its memory has come back.
        if (current.task->state == TaskState::Alive) {
            k.scheduler.stall_current(hal::Machine::counter() + ticks_of(retry_nanoseconds));
        }
    }
    if (length != 0) log_line({text, length});
    if (to_bury != nullptr) k.tasks.bury(*to_bury);
    return true;
}

void hold_back(const Thread& current) {
    Kernel& k = kernel();
    MemoryDomain* domain = current.task->space.domain();
    MemoryDomain* over = domain != nullptr ? domain->over_high() : nullptr;
    if (over == nullptr) return;
    over->count_high();
    (void)k.memory.reclaim().make_room_in(*over);
    const uint64_t used = over->memory().current();
    const uint64_t high = over->high();
    const uint64_t delay = used > high ? ticks_of(delay_of(used, high)) : 0;
    const LockGuard guard(k.scheduler.lock());
    if (delay == 0 || current.task->state != TaskState::Alive) return;
    k.scheduler.stall_current(hal::Machine::counter() + delay);
}

void note_stall(bool begins) {
    Kernel& k = kernel();
    Thread* thread = k.scheduler.current();
    if (thread == nullptr || thread->task->container.is_root()) return;
    const LockGuard guard(k.scheduler.lock());
    k.containers.set_activity(*thread, thread->task->container,
                              begins ? ThreadActivity::Stalled : ThreadActivity::Running,
                              hal::Machine::counter());
}

void ask_for_help() {
    Kernel& k = kernel();
    if (k.memory.reclaim().wants_help()) k.scheduler.wake_idle_cpu();
}

}  // namespace kernel
