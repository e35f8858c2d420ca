// SPDX-License-Identifier: Apache-2.0
// Lack of memory.
#include "kernel/trap/lack_of_memory.hpp"

#include "kernel/kernel.hpp"
#include "kernel/memory/pressure/out_of_memory.hpp"
#include "kernel/memory/pressure/task_frames.hpp"

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

// Where memory is lacking, and what tasks have there; all nodes count through the tasks' own
// counters.
struct Lack {
    uint32_t nodes;
    bool is_everywhere;
    FramesByTask there;
};

OutOfMemoryCandidate candidate_of(Task& task, const Lack& lack) {
    return {.task = task.id,
            .is_init = task.id == Tasks::init_id,
            .is_ending = task.state == TaskState::Ending,
            .frames = lack.is_everywhere ? task.space.frames_owned() : lack.there.counts[task.slot],
            .swapped = lack.is_everywhere ? task.space.pages_swapped() : 0};
}

// Locked. One after the other, as the stack has no room for all.
Result<Task*> choose(const Lack& lack, const MemoryDomain* within, size_t& count) {
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
        two[1] = candidate_of(*task, lack);
        const Result<size_t> better = choose_victim(two, 2);
        if (better.status() == Status::Busy) return Status::Busy;
        if (better.ok()) two[0] = two[better.value()];
    }
    if (two[0].weight() == 0) return Status::NotFound;
    return tasks.find(two[0].task);
}

OutOfMemoryScene scene_of(const Lack& lack, size_t candidates) {
    const Frames& frames = kernel().frames;
    OutOfMemoryScene scene{lack.is_everywhere ? 0 : lack.nodes, 0, candidates};
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        if ((lack.nodes >> node & 1) != 0) scene.free_frames += frames.free_frames(node);
    }
    return scene;
}

struct Line {
    char text[224];
    size_t length = 0;
};

// Locked. Returns the task to bury, if any.
Task* end_victim(Task& victim, const Lack& lack, size_t count, Line& line) {
    Kernel& k = kernel();
    line.length = explain_victim(candidate_of(victim, lack), k.info.tasks[victim.slot].name,
                                 scene_of(lack, count), line.text, sizeof line.text);
    Reclaim::add(k.info.pressure.out_of_memory_ends);
    if (MemoryDomain* domain = victim.space.domain()) domain->count_end();
    k.containers.post(victim.container, abi::ContainerEventKind::OutOfMemory, victim.id);
    abi::TaskResult result{};
    result.reason = abi::EndReason::OutOfMemory;
    return k.tasks.begin_end(victim, result);
}

bool wants_large_mappings(const Call& call) {
    return call.thread().frame.x[8] == static_cast<uint64_t>(abi::SystemCall::MemoryAdvise) &&
           call.argument(2) == static_cast<uint64_t>(abi::MemoryAdvice::Huge);
}

}  // namespace

bool Call::says_no_memory() const {
    const bool is_over = kernel().scheduler.current() == &thread_ && !thread_.repeats;
    return is_over && argument(0) == static_cast<uint64_t>(static_cast<int64_t>(Status::NoMemory));
}

void repeat_with_memory(Call& call, uint64_t first, uint64_t second) {
    if (wants_large_mappings(call)) return;
    Thread& thread = call.thread();
    const uint64_t result[2] = {call.argument(0), call.argument(1)};
    // All of it comes first: once the thread sleeps, it may run elsewhere.
    thread.frame.x[0] = first;
    thread.frame.x[1] = second;
    call.repeat();
    if (kernel().memory.make_room() || end_for_memory(thread, nullptr)) return;
    call.take_back_repeat();
    call.finish(result[0], result[1]);
}

bool end_for_memory(const Thread& current, MemoryDomain* within) {
    Kernel& k = kernel();
    if (within != nullptr) within->count_out_of_memory();
    const uint32_t nodes = k.frames.lacking_nodes();
    Lack lack{nodes, within != nullptr || nodes == k.frames.node_mask(), {}};
    if (!lack.is_everywhere) count_frames_by_task(k.frames, nodes, lack.there);
    Line line;
    Task* to_bury = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        size_t count = 0;
        const Result<Task*> victim = choose(lack, within, count);
        if (victim.status() == Status::NotFound) return false;
        if (victim.ok()) to_bury = end_victim(*victim.value(), lack, count, line);
        // Until its memory has come back.
        if (current.task->state == TaskState::Alive) {
            k.scheduler.stall_current(hal::Machine::counter() + ticks_of(retry_nanoseconds));
        }
    }
    if (line.length != 0) log_line({line.text, line.length});
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
