// SPDX-License-Identifier: Apache-2.0
// A kernel with two nodes of little memory: what a lack of memory on one of them does to those who
// have memory on the other.
#include <gtest/gtest.h>

#include <string>

#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

using Call = abi::SystemCall;

constexpr uint32_t write_abort = 0x24U << 26 | 1U << 25 | 1U << 6 | 0x07;
constexpr uint64_t page = hal::page_size;

struct BoundNodes : testing::Test, RunningKernel {
    static BootOptions two_nodes(const std::string& options) {
        BootOptions result = usual("memory_limit=8M task_memory=100 " + options);
        result.two_nodes = true;
        return result;
    }
    explicit BoundNodes(const std::string& options) : RunningKernel(two_nodes(options)) {}

    uint64_t start_child() {
        const uint64_t child = spawn("bin/child");
        run_task(child);
        return child;
    }
    // Private memory of the running task on one node.
    uint64_t map_on(uint32_t node, uint64_t pages) {
        constexpr auto anonymous = static_cast<uint64_t>(abi::ObjectKind::Anonymous);
        const uint64_t handle = call(Call::MemoryObjectCreate, {anonymous, pages * page});
        poke_value(buffer,
                   abi::MapArguments{.handle = static_cast<uint32_t>(handle),
                                     .protection = abi::ProtectionRead | abi::ProtectionWrite,
                                     .flags = abi::MapPrivate,
                                     .policy = abi::MemoryPolicy::Bound,
                                     .offset = 0,
                                     .size = 0,
                                     .address = 0,
                                     .nodes = 1U << node,
                                     .task = 0});
        const uint64_t at = call(Call::MemoryMapObject, {buffer});
        // Both count for the task's share of memory.
        EXPECT_EQ(call(Call::MemoryObjectClose, {handle}), 0U);
        return at;
    }
    void touch(uint64_t at) { trap(hal::TrapKind::Synchronous, write_abort, at); }
    // As long as the task runs, maps and touches pages.
    void fill(uint32_t node, uint64_t pages) {
        constexpr uint64_t piece = 200;
        const uint32_t self = task().id;
        for (uint64_t done = 0; done < pages && task().id == self; done += piece) {
            const uint64_t count = pages - done < piece ? pages - done : piece;
            const uint64_t at = map_on(node, count);
            for (uint64_t i = 0; i < count && task().id == self; ++i) touch(at + i * page);
        }
    }
    void wait_for_input() { start_call(Call::ConsoleRead, {buffer, 1}); }
    // A task that has touched so many pages of a node and then waits.
    uint64_t start_holder(uint32_t node, uint64_t pages) {
        const uint64_t child = start_child();
        fill(node, pages);
        EXPECT_EQ(task().id, child);
        wait_for_input();
        return child;
    }
    static uint64_t room_on(unsigned node) {
        return free_on(node) - kernel().frames.watermarks(node).min;
    }
    static uint64_t free_on(unsigned node) { return kernel().frames.free_frames(node); }
};

struct BoundNodesWithoutSwap : BoundNodes {
    BoundNodesWithoutSwap() : BoundNodes("swap_memory=0") {}
};
struct BoundNodesWithSwap : BoundNodes {
    BoundNodesWithSwap() : BoundNodes("swap_memory=25") {}
};

TEST_F(BoundNodesWithoutSwap, AFullNodeEndsWhoHasMemoryThere) {
    ASSERT_EQ(kernel().frames.node_count(), 2U);
    const uint64_t elsewhere = start_holder(0, 150);
    const uint64_t there = start_holder(1, 100);
    const uint64_t asking = start_child();
    (void)machine.take_output();
    fill(1, free_on(1) + 50);
    EXPECT_NE(task().id, asking);
    // Of the two who have memory on the node, the one with more was ended, which was the asker.
    EXPECT_EQ(info_of(asking)->reason, abi::EndReason::OutOfMemory);
    EXPECT_NE(info_of(elsewhere)->reason, abi::EndReason::OutOfMemory);
    EXPECT_NE(info_of(there)->reason, abi::EndReason::OutOfMemory);
    EXPECT_EQ(kernel().info.pressure.out_of_memory_ends, 1U);
    const std::string said = machine.take_output();
    EXPECT_NE(said.find("out of memory on node 1: ended task "), std::string::npos) << said;
    EXPECT_NE(said.find("because it holds the most of 4 tasks there"), std::string::npos) << said;
}

// The small one's page on the full node is had at the cost of who is largest there, though another
// is larger elsewhere.
TEST_F(BoundNodesWithoutSwap, TheLargestElsewhereIsLeftAlone) {
    const uint64_t elsewhere = start_holder(0, room_on(0) - 60);
    const uint64_t there = start_holder(1, 250);
    for (uint64_t room = room_on(1); room > 5; room = room_on(1)) {
        start_holder(1, room - 5 < 200 ? room - 5 : 200);
    }
    const uint64_t asking = start_child();
    const uint64_t at = map_on(1, 20);
    for (uint64_t i = 0; i < 20; ++i) {
        touch(at + i * page);
        if (task().id != asking) start_call(Call::ThreadSleep, {2'000'000});
        ASSERT_EQ(task().id, asking);
    }
    EXPECT_EQ(info_of(there)->reason, abi::EndReason::OutOfMemory);
    EXPECT_NE(info_of(elsewhere)->reason, abi::EndReason::OutOfMemory);
    EXPECT_EQ(space().populate(at, 20 * page), Status::Ok);
}

TEST_F(BoundNodesWithSwap, AFullNodeIsReclaimedAndNoOther) {
    const uint64_t elsewhere = start_holder(0, 100);
    const Task& other = *kernel().tasks.find(static_cast<uint32_t>(elsewhere));
    const uint64_t asking = start_child();
    const uint64_t more = 200;
    fill(1, room_on(1) + more);
    EXPECT_EQ(task().id, asking);
    EXPECT_GT(space().pages_swapped(), more / 2);
    EXPECT_EQ(other.space.pages_swapped(), 0U);
    EXPECT_EQ(other.space.frames_owned(), info_of(elsewhere)->frames);
    EXPECT_EQ(kernel().info.pressure.out_of_memory_ends, 0U);
    EXPECT_GE(free_on(1) + 1, kernel().frames.watermarks(1).min);
}

// Idle CPUs fill the node that is low up to its own mark.
TEST_F(BoundNodesWithSwap, ANodeBelowLowIsWorkedOnInTheBackground) {
    Reclaim& reclaim = kernel().memory.reclaim();
    const uint64_t elsewhere = start_holder(0, 100);
    const Task& other = *kernel().tasks.find(static_cast<uint32_t>(elsewhere));
    start_child();
    const Watermarks marks = kernel().frames.watermarks(1);
    EXPECT_FALSE(reclaim.wants_help());
    fill(1, free_on(1) - marks.min);
    EXPECT_GE(free_on(0), kernel().frames.watermarks(0).low);
    EXPECT_TRUE(reclaim.wants_help());
    for (unsigned i = 0; i < 1000 && reclaim.work_in_background(); ++i) {
    }
    EXPECT_GE(free_on(1), marks.high);
    EXPECT_FALSE(reclaim.wants_help());
    EXPECT_EQ(other.space.pages_swapped(), 0U);
}

}  // namespace
}  // namespace kernel
