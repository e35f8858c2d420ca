// SPDX-License-Identifier: Apache-2.0
// The whole kernel over each heap: what the command line chooses, what is shown, nothing lost.
#include "kernel/memory/heap/heap_choice.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace kernel {
namespace {

TEST(BootHeap, TheCommandLineChoosesIt) {
    for (unsigned i = 0; i < heap_count(); ++i) {
        for (const bool debug : {false, true}) {
            const std::string name(heap_at(i).name);
            RunningKernel phone(RunningKernel::usual("kernel_heap=" + name +
                                                     " heap_debug=" + (debug ? "on" : "off")));
            const abi::HeapInfo& shown = kernel().info.heap;
            EXPECT_EQ(shown.allocator, name);
            EXPECT_EQ(shown.debug, debug ? 1U : 0U);
            kernel().heap.show(true);
            EXPECT_GT(shown.frames, 0U);
            EXPECT_GT(shown.objects, 3U);  // a task, its thread, its regions
            EXPECT_GT(shown.bytes, 1000U);
            EXPECT_TRUE(kernel().heap->consistent());
        }
    }
}

TEST(BootHeap, TasksThatEndLeaveNothing) {
    for (unsigned i = 0; i < heap_count(); ++i) {
        for (const char* debug : {" heap_debug=off", " heap_debug=on"}) {
            RunningKernel phone(
                RunningKernel::usual("kernel_heap=" + std::string(heap_at(i).name) + debug));
            uint64_t objects = 0;
            uint64_t free = 0;
            for (unsigned round = 0; round < 20; ++round) {
                if (round == 1) {  // the pages of the program's file stay after the first
                    objects = kernel().heap->figures().objects;
                    kernel().heap->trim();
                    free = kernel().frames.free_frames();
                }
                const uint64_t child = phone.spawn("bin/child");
                EXPECT_GT(kernel().heap->figures().objects, objects);
                phone.run_task(child);
                phone.start_call(abi::SystemCall::TaskExit, {0});
                phone.run_task(1);
                EXPECT_EQ(phone.call(abi::SystemCall::TaskWait,
                                     {phone.right_to_task(child), RunningKernel::buffer}),
                          0U);
            }
            EXPECT_EQ(kernel().heap->figures().objects, objects);
            kernel().heap->trim();
            EXPECT_EQ(kernel().frames.free_frames(), free);
            EXPECT_TRUE(kernel().heap->consistent());
        }
    }
}

}  // namespace
}  // namespace kernel
