// SPDX-License-Identifier: Apache-2.0
// Page-frame strategies under threads that allocate, write to what they got, pass it on and free
// it, in memory that is too small for them.
#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "tests/kernel/memory/frames/strategy_bench.hpp"
#include "tests/kernel/thread_machine.hpp"

namespace kernel {
namespace {

const std::vector<FrameRange> memory = {
    {0x4000'0000, 0x4000'0000 + 3 * section + 37 * page},
    {0x1'0000'0000 + 5 * page, 0x1'0000'0000 + section},
};
constexpr unsigned thread_count = 4;

struct Block {
    PhysicalAddress at;
    unsigned order;
};

struct FrameStressTest : testing::TestWithParam<Variant> {
    ThreadMachine machine;
    StrategyBench bench{*GetParam().kind, GetParam().page_cache, memory};
    FrameStrategy& strategy = *bench.strategy;
    const uint64_t all = bench.map.frames();
    // What lies in each frame: plain memory, so that a strategy that gives a frame to two threads,
    // or gives it without what its last owner did, is a data race.
    std::vector<uint64_t> contents = std::vector<uint64_t>(bench.map.span());
    std::array<std::atomic<PhysicalAddress>, 64> mailbox{};
    std::atomic<uint64_t> failures{0};

    void write(const Block& block, uint64_t value) {
        const uint32_t first = bench.map.index_of(block.at).value();
        for (uint32_t i = first; i < first + (1U << block.order); ++i) contents[i] = value;
    }
    void expect(const Block& block, uint64_t value) {
        const uint32_t first = bench.map.index_of(block.at).value();
        for (uint32_t i = first; i < first + (1U << block.order); ++i) {
            if (contents[i] != value) ++failures;
        }
    }
    void release(const Block& block, unsigned cpu) {
        expect(block, block.at);
        write(block, 0);
        // Some large blocks are freed frame by frame.
        if (block.order != 0 && block.at / (page << block.order) % 4 == 0) {
            if (strategy.split(block.at, block.order, cpu) != Status::Ok) ++failures;
            for (unsigned i = 0; i < 1U << block.order; ++i) {
                if (strategy.free(block.at + i * page, 0, cpu) != Status::Ok) ++failures;
            }
            return;
        }
        if (strategy.free(block.at, block.order, cpu) != Status::Ok) ++failures;
    }

    void work(unsigned cpu, unsigned steps, unsigned most_frames, bool large) {
        ThreadMachine::set_cpu(cpu);
        std::mt19937 random(cpu + 1);
        std::vector<Block> held;
        unsigned frames = 0;
        for (unsigned step = 0; step < steps; ++step) {
            unsigned order = 0;
            if (large && random() % 8 == 0) order = static_cast<unsigned>(random() % order_count);
            if (random() % 2 == 0 && frames + (1U << order) <= most_frames) {
                const auto mobility = static_cast<Mobility>(random() % 2);
                const Result<PhysicalAddress> got = strategy.allocate({order, mobility, cpu});
                if (!got.ok()) continue;
                held.push_back({got.value(), order});
                frames += 1U << order;
                write(held.back(), got.value());
            } else if (!held.empty()) {
                std::swap(held[random() % held.size()], held.back());
                const Block block = held.back();
                held.pop_back();
                frames -= 1U << block.order;
                pass_on_or_release(block, cpu, static_cast<unsigned>(random()));
            }
        }
        for (const Block& block : held) release(block, cpu);
    }
    // Every other frame is freed by whichever thread comes by the mailbox next.
    void pass_on_or_release(const Block& block, unsigned cpu, unsigned random) {
        if (block.order != 0 || random % 2 == 0) return release(block, cpu);
        const PhysicalAddress other = mailbox[random / 2 % mailbox.size()].exchange(block.at);
        if (other != 0) release({other, 0}, cpu);
    }

    void run(unsigned steps, unsigned most_frames, bool large) {
        // A lock that four threads want on two CPUs takes its time.
        if (!GetParam().page_cache && GetParam().kind->name != "tree") steps /= 4;
        std::vector<std::thread> threads;
        for (unsigned cpu = 0; cpu < thread_count; ++cpu) {
            threads.emplace_back([=, this] { work(cpu, steps, most_frames, large); });
        }
        for (std::thread& thread : threads) thread.join();
        for (auto& slot : mailbox) {
            if (slot != 0) release({slot.exchange(0), 0}, 0);
        }
        EXPECT_EQ(failures, 0U);
        EXPECT_EQ(strategy.free_frames(), all);
        EXPECT_EQ(strategy.free_histogram().frames(), all);
        EXPECT_TRUE(strategy.consistent());
    }
};

TEST_P(FrameStressTest, FramesAreOneThreadsAtATime) {
    run(40'000, 600, false);
}

TEST_P(FrameStressTest, BlocksOfAllOrdersInTooLittleMemory) {
    if (strategy.largest_order() < max_order) GTEST_SKIP() << "no large blocks";
    run(15'000, 4000, true);
}

TEST_P(FrameStressTest, TheLastFramesGoFromThreadToThread) {
    // Each thread wants a third of memory, so that there is never enough for all of them.
    run(40'000, static_cast<unsigned>(all / 3), false);
}

TEST_P(FrameStressTest, NobodyMissesAFrameThatIsFree) {
    // Each thread owns its share and no more, so that every allocation must succeed.
    const auto share = static_cast<unsigned>(all / thread_count);
    std::vector<std::thread> threads;
    for (unsigned cpu = 0; cpu < thread_count; ++cpu) {
        threads.emplace_back([=, this] {
            ThreadMachine::set_cpu(cpu);
            std::vector<PhysicalAddress> held;
            for (unsigned round = 0; round < 6; ++round) {
                while (held.size() < share) {
                    const auto got = strategy.allocate({0, Mobility::Movable, cpu});
                    if (!got.ok()) ++failures;
                    if (!got.ok()) break;
                    held.push_back(got.value());
                }
                for (const PhysicalAddress frame : held) {
                    if (strategy.free(frame, 0, cpu) != Status::Ok) ++failures;
                }
                held.clear();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    // A frame on its way between magazines is nobody's for a moment, so a few may be missed.
    if (!GetParam().page_cache) {
        EXPECT_EQ(failures, 0U);
    }
    EXPECT_EQ(strategy.free_frames(), all);
    EXPECT_TRUE(strategy.consistent());
}

INSTANTIATE_TEST_SUITE_P(Strategies, FrameStressTest, testing::ValuesIn(all_variants()),
                         variant_name);

}  // namespace
}  // namespace kernel
