// SPDX-License-Identifier: Apache-2.0
// The order of a run queue, and what other CPUs may take from it.
#include "kernel/schedule/run_queue.hpp"

#include <gtest/gtest.h>

namespace kernel {
namespace {

struct RunQueueTest : testing::Test {
    void SetUp() override {
        for (uint32_t i = 0; i < 4; ++i) {
            threads[i].id = i;
            threads[i].cpu_mask = ~uint64_t{0};
        }
    }
    void push_all() {
        for (Thread& thread : threads) queue.push(thread);
    }
    Thread threads[4];
    RunQueue queue;
};

TEST_F(RunQueueTest, FirstComeFirstServed) {
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.pop(), nullptr);
    push_all();
    EXPECT_EQ(queue.size(), 4U);
    EXPECT_EQ(queue.pop(), &threads[0]);
    queue.push(threads[0]);
    EXPECT_EQ(queue.pop(), &threads[1]);
    EXPECT_EQ(queue.pop(), &threads[2]);
    EXPECT_EQ(queue.pop(), &threads[3]);
    EXPECT_EQ(queue.pop(), &threads[0]);
    EXPECT_TRUE(queue.empty());
}

TEST_F(RunQueueTest, RemovesFromTheMiddle) {
    push_all();
    queue.remove(threads[1]);
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_EQ(queue.pop(), &threads[0]);
    EXPECT_EQ(queue.pop(), &threads[2]);
}

TEST_F(RunQueueTest, StealsTheFirstThatMayRunThere) {
    threads[0].cpu_mask = 1U << 0;
    threads[1].cpu_mask = 1U << 2 | 1U << 3;
    threads[2].cpu_mask = 1U << 3;
    push_all();
    EXPECT_EQ(queue.steal_for(3), &threads[1]);
    EXPECT_EQ(queue.steal_for(3), &threads[2]);
    EXPECT_EQ(queue.steal_for(3), &threads[3]);
    EXPECT_EQ(queue.steal_for(3), nullptr);
    EXPECT_EQ(queue.size(), 1U);
    EXPECT_EQ(queue.steal_for(0), &threads[0]);
    EXPECT_TRUE(queue.empty());
}

TEST_F(RunQueueTest, WhatMayNotRunThereStaysInOrder) {
    for (Thread& thread : threads) thread.cpu_mask = 1U << 1;
    push_all();
    EXPECT_EQ(queue.steal_for(0), nullptr);
    EXPECT_EQ(queue.steal_for(63), nullptr);
    for (Thread& thread : threads) EXPECT_EQ(queue.pop(), &thread);
}

}  // namespace
}  // namespace kernel
