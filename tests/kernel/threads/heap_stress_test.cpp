// SPDX-License-Identifier: Apache-2.0
// Heaps under threads that allocate, write to what they got, pass it on and free it, in memory that
// is too small for them: an object that two threads have is a data race.
#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "kernel/memory/heap/heap_choice.hpp"
#include "tests/kernel/frame_accounts.hpp"
#include "tests/kernel/mapped_memory.hpp"
#include "tests/kernel/memory/frames/strategy_bench.hpp"
#include "tests/kernel/thread_machine.hpp"

namespace kernel {
namespace {

constexpr unsigned thread_count = 4;

struct Object {
    uint64_t* words;
    size_t size;
};

struct HeapStressTest : testing::TestWithParam<std::tuple<std::string, bool>> {
    static constexpr uint64_t frame_count = 400;

    HeapStressTest() {
        frames.initialise(*bench.strategy, accounts.records, accounts.counts);
        heap.choose(*find_heap(std::get<0>(GetParam())), frames, std::get<1>(GetParam()));
    }

    ThreadMachine machine;
    MappedMemory memory{frame_count};
    StrategyBench bench{"buddy", true, {memory.range()}};
    FrameAccounts accounts{bench.map};
    Frames frames;
    FreeCount free_count{frames};
    ChosenHeap heap;
    std::array<std::atomic<uint64_t*>, 64> mailbox{};
    std::atomic<uint64_t> failures{0};
    std::atomic<uint64_t> refused{0};

    // The first word of an object is its size, the last but one of many is as well.
    static void fill(const Object& object) {
        for (size_t i = 0; i < object.size / 8; ++i) object.words[i] = object.size;
    }
    void release(uint64_t* words) {
        const size_t size = words[0];
        for (size_t i = 0; i < size / 8; ++i) {
            if (words[i] != size) ++failures;
        }
        for (size_t i = 0; i < size / 8; ++i) words[i] = 0;
        heap->free(words);
    }

    void work(unsigned cpu, unsigned steps, unsigned most) {
        ThreadMachine::set_cpu(cpu);
        std::mt19937 random(cpu + 1);
        std::vector<uint64_t*> held;
        for (unsigned step = 0; step < steps; ++step) {
            if (random() % 2 == 0 && held.size() < most) {
                const size_t size = 8 + random() % (1U << (4 + random() % 8)) / 8 * 8;
                const Result<void*> memory_got = heap->allocate(size);
                if (!memory_got.ok()) {
                    ++refused;
                    continue;
                }
                const Object object{static_cast<uint64_t*>(memory_got.value()), size};
                fill(object);
                held.push_back(object.words);
            } else if (!held.empty()) {
                std::swap(held[random() % held.size()], held.back());
                pass_on_or_release(held.back(), static_cast<unsigned>(random()));
                held.pop_back();
            }
            if (random() % 4096 == 0) heap->trim();
            if (random() % 512 == 0) heap->quiet();
            if (random() % 1024 == 0 && heap->figures().frames > frame_count) ++failures;
        }
        for (uint64_t* words : held) release(words);
        heap->trim();
    }
    void pass_on_or_release(uint64_t* words, unsigned random) {
        if (random % 2 == 0) return release(words);
        uint64_t* other = mailbox[random / 2 % mailbox.size()].exchange(words);
        if (other != nullptr) release(other);
    }

    void run(unsigned steps, unsigned most) {
        std::vector<std::thread> threads;
        for (unsigned cpu = 0; cpu < thread_count; ++cpu) {
            threads.emplace_back([=, this] { work(cpu, steps, most); });
        }
        for (std::thread& thread : threads) thread.join();
        for (auto& slot : mailbox) {
            if (uint64_t* words = slot.exchange(nullptr); words != nullptr) release(words);
        }
        EXPECT_TRUE(heap->consistent());
        EXPECT_EQ(failures, 0U);
        EXPECT_EQ(heap->figures().objects, 0U);
        heap->trim();
        EXPECT_EQ(heap->frames_used(), 0U);
        EXPECT_EQ(free_count, frame_count);
        EXPECT_EQ(frames.free_frames(), frame_count);
    }
};

TEST_P(HeapStressTest, ObjectsAreOneThreadsAtATime) {
    run(30'000, 300);
    EXPECT_EQ(refused, 0U);
}

TEST_P(HeapStressTest, TheLastFramesGoFromThreadToThread) {
    run(20'000, 2000);
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapStressTest,
                         testing::Combine(testing::Values("simple", "slab", "tlsf"),
                                          testing::Bool()),
                         [](const auto& info) {
                             return std::get<0>(info.param) +
                                    (std::get<1>(info.param) ? "_debug" : "");
                         });

}  // namespace
}  // namespace kernel
