// SPDX-License-Identifier: Apache-2.0
// Lack of memory.
#include "kernel/trap/lack_of_memory.hpp"

#include "kernel/kernel.hpp"
#include "kernel/memory/pressure/out_of_memory.hpp"
#include "kernel/memory/pressure/task_frames.hpp"

namespace kernel {
namespace {

constexpr uint64_t retry_nanoseconds = 1'000'000;

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
Result<Task*> choose(const Lack& lack, size_t& count) {
    Tasks& tasks = kernel().tasks;
    OutOfMemoryCandidate two[2];
    count = 0;
    for (unsigned slot = 0; slot < abi::max_tasks; ++slot) {
        Task* task = tasks.at_slot(slot);
        const bool lives = task != nullptr &&
                           (task->state == TaskState::Alive || task->state == TaskState::Ending);
        if (!lives) continue;
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
    abi::TaskResult result{};
    result.reason = abi::EndReason::OutOfMemory;
    return k.tasks.begin_end(victim, result);
}

// Calls that have changed nothing when they say NoMemory, and say so of memory only. Large mappings
// are no need that others are ended for (as in Linux: __GFP_NORETRY), nor are held frames.
bool may_be_repeated(const Call& call, uint64_t number) {
    using abi::SystemCall;
    switch (static_cast<SystemCall>(number)) {
        case SystemCall::ThreadCreate:
        case SystemCall::TaskSpawn:
        case SystemCall::TaskWait:
        case SystemCall::MemoryMap:
        case SystemCall::MemoryUnmap:
        case SystemCall::MemoryProtect:
        case SystemCall::MemoryCopy:
        case SystemCall::MemoryMapObject:
        case SystemCall::MemoryObjectCreate:
        case SystemCall::MemoryObjectCopy:
        case SystemCall::MemoryQuery:
        case SystemCall::ArchiveMap:
        case SystemCall::SystemInfo:
        case SystemCall::FramesRead: return true;
        case SystemCall::MemoryAdvise:
            return call.argument(2) != static_cast<uint64_t>(abi::MemoryAdvice::Huge);
        default: return false;
    }
}

}  // namespace

bool repeat_with_memory(Call& call, uint64_t number, uint64_t first, uint64_t second) {
    Thread& thread = call.thread();
    if (!may_be_repeated(call, number)) return false;
    const uint64_t result[2] = {call.argument(0), call.argument(1)};
    // All of it comes first: once the thread sleeps, it may run elsewhere.
    thread.frame.x[0] = first;
    thread.frame.x[1] = second;
    call.repeat();
    if (kernel().memory.make_room() || end_for_memory(thread)) return true;
    call.take_back_repeat();
    call.finish(result[0], result[1]);
    return false;
}

bool end_for_memory(const Thread& current) {
    Kernel& k = kernel();
    const uint32_t nodes = k.frames.lacking_nodes();
    Lack lack{nodes, nodes == k.frames.node_mask(), {}};
    if (!lack.is_everywhere) count_frames_by_task(k.frames, nodes, lack.there);
    Line line;
    Task* to_bury = nullptr;
    {
        const LockGuard guard(k.scheduler.lock());
        size_t count = 0;
        const Result<Task*> victim = choose(lack, count);
        if (victim.status() == Status::NotFound) return false;
        if (victim.ok()) to_bury = end_victim(*victim.value(), lack, count, line);
        // Until its memory has come back.
        if (current.task->state == TaskState::Alive) {
            k.scheduler.sleep_current(hal::Machine::counter() + ticks_of(retry_nanoseconds));
        }
    }
    if (line.length != 0) log_line({line.text, line.length});
    if (to_bury != nullptr) k.tasks.bury(*to_bury);
    return true;
}

void ask_for_help() {
    Kernel& k = kernel();
    if (k.memory.reclaim().wants_help()) k.scheduler.wake_idle_cpu();
}

}  // namespace kernel
