// SPDX-License-Identifier: Apache-2.0
// Ends tasks in the middle of system calls.
#include "tests/kernel/bad_input/death_bench.hpp"

#include <string>
#include <utility>

namespace kernel {

Task* Killer::begin(uint64_t id) {
    Kernel& k = kernel();
    abi::TaskResult result{};
    result.reason = abi::EndReason::Killed;
    const LockGuard guard(k.scheduler.lock());
    Task* task = k.tasks.find(static_cast<uint32_t>(id));
    if (task == nullptr || task->state != TaskState::Alive) return nullptr;
    return k.tasks.begin_end(*task, result);
}

void Killer::kill(uint64_t id) {
    if (Task* task = begin(id)) to_bury_.push_back(task);
}

void Killer::kill_and_bury(uint64_t id) {
    if (Task* task = begin(id)) kernel().tasks.bury(*task);
}

void Killer::finish_burials() {
    for (Task* task : std::exchange(to_bury_, {})) kernel().tasks.bury(*task);
}

bool interrupt_at(FakeMachine& machine, uint64_t n, const std::function<void()>& call,
                  const std::function<void()>& at_step) {
    uint64_t seen = 0;
    machine.on_preemption_point = [&] {
        if (++seen == n) at_step();
    };
    call();
    machine.on_preemption_point = nullptr;
    return seen >= n;
}

void DeathBench::clean_up() {
    Kernel& k = kernel();
    killer.finish_burials();
    for (uint32_t slot = abi::max_tasks; slot-- != 0;) {
        const Task* task = k.tasks.at_slot(slot);
        if (task == nullptr || task->id == init) continue;
        killer.kill_and_bury(task->id);
        // One that runs ends on its way out of the kernel.
        trap(hal::TrapKind::Interrupt);
    }
    settle_call();
    run_init();
    for (unsigned i = 0; i < abi::max_containers; ++i) {
        const uint64_t id = call(Call::ContainerNext, {0, 0});
        if (id == 0) break;
        (void)kill(id);
        EXPECT_EQ(remove(id), Status::Ok);
    }
    for (uint32_t slot = abi::max_tasks; slot-- != 0;) {
        const Task* task = k.tasks.at_slot(slot);
        if (task == nullptr || task->id == init) continue;
        EXPECT_EQ(call(Call::TaskWait, {right_to_task(task->id), buffer}), 0U);
    }
    close_names_of_the_gone();
}

// What they name has gone; the names are there until they are closed.
void DeathBench::close_names_of_the_gone() {
    const RightTable& rights = task().rights;
    uint32_t position = abi::given_name(0) & 0xffff;
    while (const Right* right = rights.next(position, rights.end())) {
        const bool is_numbered = right->type == ObjectType::Task ||
                                 right->type == ObjectType::Thread ||
                                 right->type == ObjectType::Container;
        if (is_numbered) {
            EXPECT_EQ(call(Call::RightClose, {right->name}), 0U);
        } else {
            ++position;
        }
    }
}

std::vector<uint64_t> DeathBench::counts() const {
    expect_books_agree();
    const Counts found = counts_of(task());
    using abi::FrameOwner;
    std::vector<uint64_t> counts{found.heap_objects, found.tasks, found.threads, found.containers,
                                 found.names};
    for (const FrameOwner owner : {FrameOwner::Tables, FrameOwner::Anonymous, FrameOwner::Shared,
                                   FrameOwner::File, FrameOwner::Swap, FrameOwner::Held}) {
        counts.push_back(found.owned[static_cast<uint32_t>(owner)]);
    }
    return counts;
}

uint64_t DeathBench::run_child() {
    const uint64_t id = spawn("bin/child");
    run_task(id);
    return id;
}

void DeathBench::settle_call() {
    while (thread().repeats) {
        frame->pc += 4;
        trap(hal::TrapKind::Synchronous, 0x15U << 26 | 1U << 25);
    }
}

void DeathBench::at_every_step(const std::function<void()>& prepare,
                               const std::function<void()>& call,
                               const std::function<void()>& at_step, uint64_t least_steps) {
    // Once without a death: what is opened for the first time stays.
    prepare();
    call();
    clean_up();
    const std::vector<uint64_t> before = counts();
    uint64_t steps = 0;
    for (bool more = true; more && !HasFailure();) {
        SCOPED_TRACE("step " + std::to_string(steps + 1));
        prepare();
        more = interrupt_at(machine, steps + 1, call, at_step);
        clean_up();
        EXPECT_EQ(counts(), before);
        if (more) ++steps;
    }
    EXPECT_GE(steps, least_steps);
}

}  // namespace kernel
