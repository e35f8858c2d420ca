// SPDX-License-Identifier: Apache-2.0
// Calls with pointers and numbers that no honest program passes, one by one and at random.
#include <gtest/gtest.h>

#include <random>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

const std::vector<uint64_t> bad_pointers = {
    0,
    1,
    8,
    abi::user_base - 1,
    RunningKernel::buffer + 3 * hal::page_size,      // behind the last page
    RunningKernel::buffer + 3 * hal::page_size - 1,  // across its end
    abi::user_end - 1,
    abi::user_end,
    0x0001'0000'0000'0000,
    0xffff'0000'0000'0000,
    hal::host::direct_base + FakeMachine::memory_begin,
    ~uint64_t{0} - 7,
    ~uint64_t{0}};

struct BadPointersTest : KernelTest {
    uint64_t spawn_with(const abi::SpawnArguments& arguments) {
        poke_value(buffer, arguments);
        return call(Call::TaskSpawn, {buffer});
    }
};

TEST_F(BadPointersTest, EveryCallThatTakesOneSaysBadAddress) {
    const uint64_t bad_address = failure(Status::BadAddress);
    const uint64_t child = spawn("bin/child");
    EXPECT_EQ(call(Call::TaskKill, {right_to_task(child)}), 0U);
    for (const uint64_t bad : bad_pointers) {
        EXPECT_EQ(call(Call::ConsoleWrite, {bad, 16}), bad_address) << std::hex << bad;
        EXPECT_EQ(call(Call::ConsoleWrite, {bad, ~uint64_t{0}}), bad_address);
        EXPECT_EQ(call(Call::ConsoleRead, {bad, 16}), bad_address);
        EXPECT_EQ(call(Call::ConsoleRead, {bad, ~uint64_t{0}}), bad_address);
        EXPECT_EQ(call(Call::SystemInfo, {bad}), bad_address);
        EXPECT_EQ(call(Call::MemoryAudit, {bad}), bad_address);
        EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), bad}), bad_address);
        EXPECT_EQ(call(Call::TaskSpawn, {bad}), bad_address);
        const abi::SpawnArguments good{buffer + 0x100, 9, buffer + 0x200, 1, 0, 0, 0, 0};
        abi::SpawnArguments changed = good;
        changed.path = bad;
        EXPECT_EQ(spawn_with(changed), bad_address);
        changed = good;
        changed.arguments = bad;
        changed.arguments_length = 16;
        EXPECT_EQ(spawn_with(changed), bad_address);
        changed = good;
        changed.objects = bad;
        changed.object_count = 2;
        EXPECT_EQ(spawn_with(changed), bad_address);
        EXPECT_EQ(call(Call::MemoryMapObject, {bad}), bad_address);
        EXPECT_EQ(call(Call::MemoryQuery, {buffer, bad}), bad_address);
        EXPECT_EQ(call(Call::MemoryObjectCreate, {1, bad, 9}), bad_address);
    }
    EXPECT_EQ(call(Call::TaskWait, {right_to_task(child), buffer}), 0U);
    expect_no_loss();
}

TEST_F(BadPointersTest, ConstantMemoryIsNotWritten) {
    const uint64_t code = ElfBuilder::code_at + 0x100;
    EXPECT_EQ(call(Call::SystemInfo, {code}), failure(Status::BadAddress));
    EXPECT_EQ(call(Call::ConsoleRead, {code, 4}), failure(Status::BadAddress));
    EXPECT_EQ(call(Call::ConsoleWrite, {code, 4}), 4U);
}

TEST_F(BadPointersTest, ARefusedReadLosesNoInput) {
    machine.type("kept");
    trap(hal::TrapKind::Interrupt);
    EXPECT_EQ(call(Call::ConsoleRead, {8, 4}), failure(Status::BadAddress));
    EXPECT_EQ(call(Call::ConsoleRead, {buffer, 4}), 4U);
    EXPECT_EQ(peek(buffer, 4), "kept");
}

// Many tasks that call anything with anything. Init takes no part but to spawn, to yield and to
// kill; whatever the others do, the kernel goes on and in the end every frame is back.
struct MonkeysTest : BadPointersTest {
    uint64_t any_value() {
        switch (random() % 8) {
            case 0: return bad_pointers[random() % bad_pointers.size()];
            case 1: return random();
            case 2: return (random() % 8) * page;
            case 3: return buffer + random() % (3 * page);
            case 4: return 0x1000'0000 + random() % 32 * page;
            case 5: return 1 + random() % 40;  // tasks and threads
            default: return random() % 8;
        }
    }
    void monkey() {
        if (random() % 40 == 0) {
            trap(hal::TrapKind::Synchronous, 0x24U << 26, any_value());
            return;
        }
        auto what = static_cast<Call>(random() % (static_cast<uint64_t>(Call::Limit) + 2));
        if (what == Call::TaskSpawn && random() % 2 == 0) {
            poke_value(buffer, abi::SpawnArguments{buffer + 0x100, 9, buffer, 8, 0, 0, 0, 0});
            poke(buffer + 0x100, "bin/child");
            start_call(what, {buffer});
            return;
        }
        if (what == Call::ThreadSleep) {
            start_call(what, {random() % 10'000'000});
            return;
        }
        start_call(what, {any_value(), any_value(), any_value(), any_value()});
    }
    void step() {
        machine.advance(random() % (FakeMachine::frequency / 500));
        if (random() % 20 == 0) machine.type("some input");
        if (machine.interrupt_pending()) {
            trap(hal::TrapKind::Interrupt);
        } else if (task().id != 1) {
            if (thread().repeats) {
                start_call(static_cast<Call>(frame->x[8]));
            } else {
                monkey();
            }
        } else {
            supervise();
        }
    }
    // Init keeps the number of tasks up and ends some, so that none waits for ever.
    void supervise() {
        const uint32_t id = kernel().info.tasks[random() % 16].id;
        if (kernel().tasks.task_count() < 8) {
            EXPECT_LT(spawn("bin/child", "x"), abi::user_end);
        } else if (id > 1 && random() % 8 == 0) {
            const bool mine = info_of(id)->parent == 1;
            end(id);
            if (mine) {
                EXPECT_EQ(call(Call::TaskWait, {right_to_task(id), buffer}), 0U);
            }
        } else {
            start_call(Call::ThreadYield);
        }
    }
    // Ends a task, also one that init has no name for.
    void end(uint32_t id) {
        if (info_of(id)->reason != abi::EndReason::Running) return;
        if (right_to_task(id) != 0) {
            EXPECT_EQ(call(Call::TaskKill, {right_to_task(id)}), 0U);
            return;
        }
        Task* to_bury = nullptr;
        {
            const LockGuard guard(kernel().scheduler.lock());
            abi::TaskResult result{};
            result.reason = abi::EndReason::Killed;
            to_bury = kernel().tasks.begin_end(*kernel().tasks.find(id), result);
        }
        if (to_bury != nullptr) kernel().tasks.bury(*to_bury);
    }
    void end_everything() {
        run_task(1);
        for (const abi::TaskInfo& info : kernel().info.tasks) {
            const uint32_t id = info.id;
            if (id <= 1) continue;
            end(id);
        }
        for (const abi::TaskInfo& info : kernel().info.tasks) {
            const uint32_t id = info.id;
            if (id <= 1) continue;
            EXPECT_EQ(call(Call::TaskWait, {right_to_task(id), buffer}), 0U) << id;
        }
    }
    std::mt19937_64 random;
};

TEST_F(MonkeysTest, TheKernelSurvivesAndLosesNothing) {
    for (uint64_t seed = 0; seed < 6; ++seed) {
        random.seed(seed);
        for (unsigned i = 0; i < 60'000; ++i) {
            step();
            if (i % 16 == 0) machine.invalidations.clear();
        }
        end_everything();
        EXPECT_EQ(kernel().tasks.task_count(), 1U);
        EXPECT_EQ(kernel().tasks.thread_count(), 1U);
        expect_no_loss();
        if (HasFailure()) FAIL() << "seed " << seed;
        machine.take_output();
    }
    EXPECT_GT(kernel().info.fault_count, 300U);
    EXPECT_GT(kernel().info.cpus[0].system_calls, 200'000U);
}

}  // namespace
}  // namespace kernel
