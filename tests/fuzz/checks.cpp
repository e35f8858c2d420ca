// SPDX-License-Identifier: Apache-2.0
// What must hold of the kernel between two traps, on a machine of one CPU.
#include "tests/fuzz/checks.hpp"

#include <cstdio>
#include <cstdlib>

#include "kernel/memory/frame_audit.hpp"

namespace fuzz {
namespace {

using kernel::kernel;
using kernel::Kernel;
using kernel::Task;
using kernel::TaskState;
using kernel::Thread;
using kernel::ThreadState;
namespace abi = kernel::abi;

#define REQUIRE(condition)                            \
    do {                                              \
        if (!(condition)) fail(#condition, __LINE__); \
    } while (false)

[[noreturn]] void fail(const char* condition, int line) {
    std::fprintf(stderr, "checks.cpp:%d: this does not hold: %s\n", line, condition);
    std::abort();
}

class AllTasks final : public kernel::TaskFrames {
  public:
    [[nodiscard]] bool in_use(uint32_t slot) const override {
        return kernel().tasks.at_slot(slot) != nullptr;
    }
    [[nodiscard]] uint64_t tables(uint32_t slot) const override {
        return kernel().tasks.at_slot(slot)->space.table_frames();
    }
};

void check_thread(const Task& task, const Thread& thread) {
    Kernel& k = kernel();
    REQUIRE(thread.task == &task && thread.id != 0);
    REQUIRE((thread.state == ThreadState::Running) == (k.scheduler.current() == &thread));
    REQUIRE(thread.suspensions == 0 ? thread.state != ThreadState::Suspended
                                    : thread.state != ThreadState::Ready);
    REQUIRE(thread.suspensions == 0 || thread.state != ThreadState::Running);
    if (thread.exceptions.told != nullptr) {
        REQUIRE(thread.suspensions != 0 && thread.exception_node.linked());
    }
    REQUIRE(thread.waits_in == nullptr || thread.state == ThreadState::WaitMessage ||
            thread.state == ThreadState::WaitRoom || thread.state == ThreadState::WaitFutex);
    REQUIRE((thread.state == ThreadState::WaitTask) == (thread.awaited != nullptr));
    if (thread.awaited != nullptr) REQUIRE(thread.awaited->waiter == &thread);
    if (thread.joiner != nullptr) {
        REQUIRE(thread.joiner->state == ThreadState::WaitThread);
        REQUIRE(thread.state != ThreadState::Ended);
    }
}

void check_task(Task& task) {
    Kernel& k = kernel();
    REQUIRE(task.state == TaskState::Alive || task.state == TaskState::Ended);
    uint32_t live = 0;
    for (Thread* thread = task.threads.front(); thread != nullptr;
         thread = task.threads.next(*thread)) {
        check_thread(task, *thread);
        if (thread->state != ThreadState::Ended) ++live;
    }
    REQUIRE(live == task.live_threads);
    REQUIRE((task.state == TaskState::Alive) == (live != 0));
    const abi::TaskInfo& info = k.info.tasks[task.slot];
    REQUIRE(info.id == task.id && info.parent == task.parent && info.threads == live);
    REQUIRE(task.parent == 0 || k.tasks.find(task.parent) != nullptr);
    REQUIRE(task.pins.load() == 0);
    if (task.waiter != nullptr) REQUIRE(task.waiter->awaited == &task);
}

}  // namespace

void check_objects() {
    Kernel& k = kernel();
    REQUIRE(kernel::HeldRanks::none());
    uint64_t tasks = 0;
    uint64_t threads = 0;
    for (uint32_t slot = 0; slot < abi::max_tasks; ++slot) {
        Task* task = k.tasks.at_slot(slot);
        if (task == nullptr) continue;
        REQUIRE(task->slot == slot);
        check_task(*task);
        ++tasks;
        threads += task->threads.size();
    }
    REQUIRE(tasks == k.tasks.task_count());
    REQUIRE(threads == k.tasks.thread_count());
}

void check_frames() {
    Kernel& k = kernel();
    abi::MemoryAuditReport report{};
    const ::kernel::LockGuard guard(k.scheduler.lock());
    audit_frames(k.frames, AllTasks(), 0, report);
    if (report.mismatch != abi::MemoryMismatch::None) {
        std::fprintf(stderr, "the audit says: %s, %llx\n",
                     abi::memory_mismatch_name(report.mismatch),
                     static_cast<unsigned long long>(report.detail));
    }
    REQUIRE(report.mismatch == abi::MemoryMismatch::None);
    REQUIRE(k.frames.consistent());
    REQUIRE(k.heap->consistent());
}

void check_nothing_left(uint64_t objects) {
    // Of files that were opened meanwhile, which stay.
    constexpr uint64_t kept = 12;
    check_frames();
    Kernel& k = kernel();
    const uint64_t left = k.heap->figures().objects;
    if (left > objects + kept) {
        std::fprintf(stderr, "%llu objects are left, %llu are usual\n",
                     static_cast<unsigned long long>(left),
                     static_cast<unsigned long long>(objects));
    }
    REQUIRE(left <= objects + kept);
    REQUIRE(k.tasks.thread_count() == 0);
    REQUIRE(k.tasks.task_count() == 1);  // init
    using abi::FrameOwner;
    for (const FrameOwner owner :
         {FrameOwner::Tables, FrameOwner::Anonymous, FrameOwner::Shared, FrameOwner::Held}) {
        if (k.frames.frames_of(owner) != 0) std::fprintf(stderr, "%s: ", frame_owner_name(owner));
        REQUIRE(k.frames.frames_of(owner) == 0);
    }
    const abi::SwapFigures& swap = k.info.pressure.swap;
    REQUIRE(swap.pages_zero + swap.pages_memory + swap.pages_device == 0);
}

}  // namespace fuzz
