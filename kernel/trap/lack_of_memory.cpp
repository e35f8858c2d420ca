// SPDX-License-Identifier: Apache-2.0
// Lack of memory.
#include "kernel/trap/lack_of_memory.hpp"

#include "kernel/kernel.hpp"
#include "kernel/memory/pressure/out_of_memory.hpp"

namespace kernel {
namespace {

constexpr uint64_t retry_nanoseconds = 1'000'000;

OutOfMemoryCandidate candidate_of(Task& task) {
    return {.task = task.id,
            .is_init = task.id == Tasks::init_id,
            .is_ending = task.state == TaskState::Ending,
            .frames = task.space.frames_owned(),
            .swapped = task.space.pages_swapped()};
}

// Locked. One after the other, as the stack has no room for all.
Result<Task*> choose(size_t& count) {
    Tasks& tasks = kernel().tasks;
    OutOfMemoryCandidate two[2];
    count = 0;
    for (unsigned slot = 0; slot < abi::max_tasks; ++slot) {
        Task* task = tasks.at_slot(slot);
        const bool lives = task != nullptr &&
                           (task->state == TaskState::Alive || task->state == TaskState::Ending);
        if (!lives) continue;
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
    abi::TaskResult result{};
    result.reason = abi::EndReason::OutOfMemory;
    return k.tasks.begin_end(victim, result);
}

}  // namespace

bool end_for_memory(const Thread& current) {
    Kernel& k = kernel();
    char text[224];
    size_t length = 0;
    Task* to_bury = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        size_t count = 0;
        const Result<Task*> victim = choose(count);
        if (victim.status() == Status::NotFound) return false;
        if (victim.ok()) to_bury = end_victim(*victim.value(), count, text, length);
        // Until its memory has come back.
        if (current.task->state == TaskState::Alive) {
            k.scheduler.sleep_current(hal::Machine::counter() + ticks_of(retry_nanoseconds));
        }
    }
    if (length != 0) log_line({text, length});
    if (to_bury != nullptr) k.tasks.bury(*to_bury);
    return true;
}

void ask_for_help() {
    Kernel& k = kernel();
    if (k.memory.reclaim().wants_help()) k.scheduler.wake_idle_cpu();
}

}  // namespace kernel
