// SPDX-License-Identifier: Apache-2.0
// ConformanceTest: what every page-frame strategy keeps, with and without the page cache over it.
// Who includes this instantiates it for the strategies in question.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/kernel/fake_machine.hpp"
#include "tests/kernel/memory/frames/free_oracle.hpp"
#include "tests/kernel/memory/frames/strategy_bench.hpp"

namespace kernel {
namespace {

// Two whole sections and a bit, a piece of one, and one that is cut in two.
const std::vector<FrameRange> memory = {
    {0x4000'0000, 0x4000'0000 + 2 * section + 5 * page},
    {0x1'0010'0000, 0x1'0010'0000 + 300 * page},
    {0x8000'0000, 0x8000'0000 + 100 * page},
    {0x8000'0000 + 101 * page, 0x8000'0000 + section},
};

bool in_memory(PhysicalAddress begin, uint64_t size) {
    return std::any_of(memory.begin(), memory.end(), [&](const FrameRange& range) {
        return begin >= range.begin && begin + size <= range.end;
    });
}

struct ConformanceTest : testing::TestWithParam<Variant> {
    FakeMachine machine;  // locks note on it what a CPU holds
    StrategyBench bench{*GetParam().kind, GetParam().page_cache, memory};
    FrameStrategy& strategy = *bench.strategy;
    const uint64_t all = bench.map.frames();
    const FreeHistogram fresh = strategy.free_histogram();

    Result<PhysicalAddress> take(unsigned order = 0, Mobility mobility = Mobility::Movable,
                                 unsigned cpu = 0) {
        return strategy.allocate({order, mobility, cpu});
    }
    // Everything there is, as frames.
    std::vector<PhysicalAddress> take_all(unsigned cpu = 0) {
        std::vector<PhysicalAddress> taken;
        for (auto frame = take(0, Mobility::Movable, cpu); frame.ok();
             frame = take(0, Mobility::Movable, cpu)) {
            taken.push_back(frame.value());
        }
        return taken;
    }
    // As at the start, but for the page cache, which first gives back what it holds.
    void expect_fresh() {
        EXPECT_EQ(strategy.free_frames(), all);
        EXPECT_TRUE(strategy.consistent());
        EXPECT_EQ(strategy.free_histogram().frames(), all);
        if (GetParam().page_cache) static_cast<PageCache&>(strategy).drain();
        EXPECT_EQ(strategy.free_frames(), all);
        EXPECT_TRUE(strategy.consistent());
        for (unsigned order = 0; order < order_count && !keeps_apart; ++order) {
            EXPECT_EQ(strategy.free_histogram().blocks[order], fresh.blocks[order]) << order;
        }
    }
    // A hybrid keeps areas of 2 MiB for single frames and in reserve: it does not see the larger
    // blocks that these make with others.
    const bool keeps_apart = GetParam().kind->name == "hybrid";
};

TEST_P(ConformanceTest, SaysWhatItIs) {
    EXPECT_EQ(strategy.name(), GetParam().kind->name);
    EXPECT_EQ(strategy.total_frames(), all);
    EXPECT_EQ(strategy.free_frames(), all);
    EXPECT_EQ(fresh.frames(), all);
    EXPECT_LE(strategy.metadata_bytes(), bench.metadata_size);
    EXPECT_TRUE(strategy.consistent());
    if (strategy.largest_order() == max_order) {
        // The most that can be made of this memory, by hand.
        const std::vector<uint64_t> expected{2, 1, 3, 2, 1, 2, 1, 1, 2, 1, 2};
        for (unsigned order = 0; order < order_count; ++order) {
            EXPECT_EQ(fresh.blocks[order], expected[order]) << order;
        }
    }
}

TEST_P(ConformanceTest, GivesEveryFrameOnce) {
    const std::vector<PhysicalAddress> taken = take_all();
    EXPECT_EQ(taken.size(), all);
    EXPECT_EQ(std::set<PhysicalAddress>(taken.begin(), taken.end()).size(), all);
    for (const PhysicalAddress frame : taken) {
        EXPECT_EQ(frame % page, 0U);
        EXPECT_TRUE(in_memory(frame, page)) << std::hex << frame;
    }
    EXPECT_EQ(strategy.free_frames(), 0U);
    EXPECT_EQ(strategy.free_histogram().frames(), 0U);
    EXPECT_TRUE(strategy.consistent());
    EXPECT_EQ(take().status(), Status::NoMemory);
    for (const PhysicalAddress frame : taken) ASSERT_EQ(strategy.free(frame, 0, 0), Status::Ok);
    expect_fresh();
}

TEST_P(ConformanceTest, GivesAlignedBlocksOfEveryOrder) {
    for (unsigned order = 0; order <= strategy.largest_order(); ++order) {
        const uint64_t size = page << order;
        std::map<PhysicalAddress, uint64_t> taken;
        for (auto block = take(order); block.ok(); block = take(order)) {
            const PhysicalAddress at = block.value();
            ASSERT_EQ(at % size, 0U) << order;
            ASSERT_TRUE(in_memory(at, size)) << order;
            const auto above = taken.lower_bound(at);
            ASSERT_TRUE(above == taken.end() || above->first >= at + size);
            ASSERT_TRUE(above == taken.begin() || std::prev(above)->first + size <= at);
            taken[at] = size;
        }
        uint64_t most = 0;
        for (unsigned i = order; i < order_count; ++i) most += fresh.blocks[i] << (i - order);
        EXPECT_EQ(taken.size(), most) << order;
        EXPECT_EQ(strategy.free_frames(), all - (most << order));
        EXPECT_TRUE(strategy.consistent());
        for (const auto& [at, unused] : taken) ASSERT_EQ(strategy.free(at, order, 0), Status::Ok);
        expect_fresh();
    }
}

TEST_P(ConformanceTest, RefusesOrdersItNeverHas) {
    for (const unsigned order : {strategy.largest_order() + 1, 11U, 12U, 32U, 63U, ~0U}) {
        EXPECT_EQ(take(order).status(), Status::Unsupported) << order;
        EXPECT_EQ(strategy.free(memory[0].begin, order, 0), Status::InvalidArgument) << order;
    }
    expect_fresh();
}

TEST_P(ConformanceTest, RefusesADoubleFree) {
    for (unsigned order = 0; order <= strategy.largest_order(); ++order) {
        const PhysicalAddress block = take(order).value();
        EXPECT_EQ(strategy.free(block, order, 0), Status::Ok);
        EXPECT_EQ(strategy.free(block, order, 0), Status::NotFound) << order;
        EXPECT_EQ(strategy.free(block, order, 1), Status::NotFound) << order;
    }
    expect_fresh();
}

TEST_P(ConformanceTest, RefusesWhatWasNeverGiven) {
    for (unsigned order = 0; order <= strategy.largest_order(); ++order) {
        EXPECT_EQ(strategy.free(memory[0].begin, order, 0), Status::NotFound) << order;
    }
    const PhysicalAddress given = take().value();
    for (PhysicalAddress frame = memory[0].begin; frame < memory[0].begin + section;
         frame += page) {
        if (frame != given) {
            ASSERT_EQ(strategy.free(frame, 0, 0), Status::NotFound);
        }
    }
    EXPECT_EQ(strategy.free(given, 0, 0), Status::Ok);
    expect_fresh();
}

TEST_P(ConformanceTest, RefusesAddressesThatAreNotItsOwn) {
    const std::vector<PhysicalAddress> taken = take_all();
    for (const PhysicalAddress bad :
         {memory[0].begin + 1, memory[0].begin + page / 2, PhysicalAddress{0},
          memory[0].begin - page, memory[0].end, memory[2].end, memory[3].end, memory[1].end,
          ~uint64_t{0}, ~uint64_t{0} & ~(page - 1)}) {
        EXPECT_EQ(strategy.free(bad, 0, 0), Status::InvalidArgument) << std::hex << bad;
    }
    for (unsigned order = 1; order <= strategy.largest_order(); ++order) {
        // Misaligned for the order, and beyond the end of a range.
        EXPECT_EQ(strategy.free(memory[0].begin + page, order, 0), Status::InvalidArgument);
        const PhysicalAddress last = memory[2].end & ~((page << order) - 1);
        EXPECT_EQ(strategy.free(last, order, 0), Status::InvalidArgument) << order;
    }
    EXPECT_EQ(strategy.free_frames(), 0U);
    for (const PhysicalAddress frame : taken) ASSERT_EQ(strategy.free(frame, 0, 0), Status::Ok);
    expect_fresh();
}

TEST_P(ConformanceTest, RefusesAnotherOrderThanWasGiven) {
    if (!strategy.remembers_orders()) GTEST_SKIP() << "this strategy frees what is allocated";
    for (unsigned given = 0; given <= strategy.largest_order(); ++given) {
        const PhysicalAddress block = take(given).value();
        for (unsigned order = 0; order <= strategy.largest_order(); ++order) {
            if (order == given) continue;
            EXPECT_NE(strategy.free(block, order, 0), Status::Ok) << given << " as " << order;
            // The part of it that lies behind.
            if (order < given) {
                EXPECT_EQ(strategy.free(block + (page << order), order, 0), Status::NotFound);
            }
        }
        EXPECT_EQ(strategy.free_frames(), all - (uint64_t{1} << given));
        EXPECT_EQ(strategy.free(block, given, 0), Status::Ok);
    }
    // Two neighbours are not one block.
    if (strategy.largest_order() > 0) {
        const std::vector<PhysicalAddress> taken = take_all();
        EXPECT_EQ(strategy.free(memory[0].begin, 1, 0), Status::NotFound);
        EXPECT_EQ(strategy.free(memory[0].begin, max_order, 0), Status::NotFound);
        EXPECT_EQ(strategy.free_frames(), 0U);
        for (const PhysicalAddress frame : taken) ASSERT_EQ(strategy.free(frame, 0, 0), Status::Ok);
    }
    expect_fresh();
}

TEST_P(ConformanceTest, HugeAndSmallBlocksAreNeverConfused) {
    if (strategy.largest_order() < max_order) GTEST_SKIP() << "no large blocks";
    for (const unsigned huge : {huge_order, max_order}) {
        const PhysicalAddress block = take(huge).value();
        for (unsigned order = 0; order < huge_order; ++order) {
            EXPECT_EQ(strategy.free(block, order, 0), Status::NotFound) << order;
        }
        const unsigned other = huge == huge_order ? max_order : huge_order;
        EXPECT_NE(strategy.free(block, other, 0), Status::Ok);
        EXPECT_EQ(strategy.free(block, huge, 0), Status::Ok);
    }
    const PhysicalAddress frame = take().value();
    const PhysicalAddress around = frame & ~((page << huge_order) - 1);
    EXPECT_NE(strategy.free(around, huge_order, 0), Status::Ok);
    EXPECT_EQ(strategy.free(frame, 0, 0), Status::Ok);
    expect_fresh();
}

TEST_P(ConformanceTest, FramesOfASplitBlockAreFreedInAnyOrder) {
    std::mt19937 random(3);
    for (unsigned order = 1; order <= strategy.largest_order(); ++order) {
        for (const Mobility mobility : {Mobility::Movable, Mobility::Unmovable}) {
            const PhysicalAddress block = take(order, mobility).value();
            ASSERT_EQ(strategy.split(block, order, 0), Status::Ok) << order;
            EXPECT_EQ(strategy.free_frames(), all - (uint64_t{1} << order));
            EXPECT_TRUE(strategy.consistent()) << order;
            std::vector<PhysicalAddress> frames;
            for (unsigned i = 0; i < 1U << order; ++i) frames.push_back(block + i * page);
            std::shuffle(frames.begin(), frames.end(), random);
            for (const PhysicalAddress frame : frames) {
                ASSERT_EQ(strategy.free(frame, 0, static_cast<unsigned>(random() % 8)), Status::Ok);
                ASSERT_EQ(strategy.free(frame, 0, 0), Status::NotFound) << order;
            }
            expect_fresh();
        }
    }
}

TEST_P(ConformanceTest, ASplitBlockIsNoBlockAnyMore) {
    for (unsigned order = 1; order <= strategy.largest_order(); ++order) {
        if (order < huge_order && !strategy.remembers_orders()) continue;
        const PhysicalAddress block = take(order).value();
        ASSERT_EQ(strategy.split(block, order, 0), Status::Ok);
        EXPECT_EQ(strategy.free(block, order, 0), Status::NotFound) << order;
        EXPECT_EQ(strategy.split(block, order, 0), Status::NotFound) << order;
        for (unsigned i = 0; i < 1U << order; ++i) {
            ASSERT_EQ(strategy.free(block + i * page, 0, 0), Status::Ok);
        }
    }
    expect_fresh();
}

TEST_P(ConformanceTest, SplitRefusesWhatIsNoBlock) {
    EXPECT_EQ(strategy.split(memory[0].begin, 0, 0), Status::InvalidArgument);
    for (const unsigned order : {strategy.largest_order() + 1, 11U, 32U, ~0U}) {
        EXPECT_EQ(strategy.split(memory[0].begin, order, 0), Status::InvalidArgument) << order;
    }
    for (unsigned order = 1; order <= strategy.largest_order(); ++order) {
        // Never given, misaligned, not its own, beyond the end of a range.
        EXPECT_EQ(strategy.split(memory[0].begin, order, 0), Status::NotFound) << order;
        EXPECT_EQ(strategy.split(memory[0].begin + page, order, 0), Status::InvalidArgument);
        EXPECT_EQ(strategy.split(0, order, 0), Status::InvalidArgument);
        const PhysicalAddress last = memory[2].end & ~((page << order) - 1);
        EXPECT_EQ(strategy.split(last, order, 0), Status::InvalidArgument) << order;
        // Freed before.
        const PhysicalAddress block = take(order).value();
        EXPECT_EQ(strategy.free(block, order, 0), Status::Ok);
        EXPECT_EQ(strategy.split(block, order, 0), Status::NotFound) << order;
    }
    expect_fresh();
}

TEST_P(ConformanceTest, SplitRefusesAnotherOrderThanWasGiven) {
    for (unsigned given = 0; given <= strategy.largest_order(); ++given) {
        const PhysicalAddress block = take(given).value();
        for (unsigned order = 1; order <= strategy.largest_order(); ++order) {
            if (order == given) continue;
            if (!strategy.remembers_orders() && order < given && given < huge_order) continue;
            EXPECT_NE(strategy.split(block, order, 0), Status::Ok) << given << " as " << order;
        }
        EXPECT_TRUE(strategy.consistent());
        EXPECT_EQ(strategy.free(block, given, 0), Status::Ok) << given;
    }
    expect_fresh();
}

TEST_P(ConformanceTest, BulkTakesWhatThereIs) {
    std::vector<PhysicalAddress> taken(all + 7);
    const unsigned found = strategy.allocate_bulk(taken.data(), static_cast<unsigned>(all + 7),
                                                  Mobility::Unmovable, 0);
    EXPECT_EQ(found, all);
    EXPECT_EQ(std::set<PhysicalAddress>(taken.begin(), taken.begin() + found).size(), all);
    EXPECT_EQ(strategy.allocate_bulk(taken.data(), 1, Mobility::Unmovable, 0), 0U);
    EXPECT_EQ(strategy.allocate_bulk(taken.data(), 0, Mobility::Unmovable, 0), 0U);
    EXPECT_TRUE(strategy.consistent());
    EXPECT_EQ(strategy.free_bulk(taken.data(), found, 0), found);
    expect_fresh();
}

TEST_P(ConformanceTest, BulkFreeStopsAtTheFirstBadFrame) {
    std::vector<PhysicalAddress> taken(100);
    ASSERT_EQ(strategy.allocate_bulk(taken.data(), 100, Mobility::Movable, 0), 100U);
    const PhysicalAddress good = taken[40];
    for (const PhysicalAddress bad : {taken[10], good + 1, PhysicalAddress{0}}) {
        taken[40] = bad;
        EXPECT_EQ(strategy.free_bulk(taken.data(), 100, 0), 40U);
        EXPECT_EQ(strategy.free_frames(), all - 60);
        for (unsigned i = 0; i < 40; ++i) {
            // The next round has another forty of them.
            taken[i] = take().value();
        }
        taken[40] = good;
    }
    EXPECT_EQ(strategy.free_bulk(taken.data(), 100, 0), 100U);
    expect_fresh();
}

TEST_P(ConformanceTest, AllOfMemoryServesEitherMobility) {
    for (const Mobility mobility : {Mobility::Movable, Mobility::Unmovable}) {
        std::vector<PhysicalAddress> taken;
        for (auto frame = take(0, mobility); frame.ok(); frame = take(0, mobility)) {
            taken.push_back(frame.value());
        }
        EXPECT_EQ(taken.size(), all);
        EXPECT_TRUE(strategy.consistent());
        for (const PhysicalAddress frame : taken) ASSERT_EQ(strategy.free(frame, 0, 0), Status::Ok);
    }
    expect_fresh();
}

TEST_P(ConformanceTest, WhatOneCpuFreesAnotherCanHave) {
    std::vector<PhysicalAddress> taken = take_all(0);
    for (size_t i = 0; i < taken.size(); ++i) {
        ASSERT_EQ(strategy.free(taken[i], 0, static_cast<unsigned>(i % hal::max_cpus)), Status::Ok);
    }
    EXPECT_EQ(strategy.free_frames(), all);
    taken = take_all(3);
    EXPECT_EQ(taken.size(), all);
    for (const PhysicalAddress frame : taken) ASSERT_EQ(strategy.free(frame, 0, 5), Status::Ok);
    // And so can a large block.
    if (strategy.largest_order() == max_order) {
        const auto block = take(max_order, Mobility::Unmovable, 1);
        ASSERT_TRUE(block.ok());
        EXPECT_EQ(strategy.free(block.value(), max_order, 1), Status::Ok);
    }
    expect_fresh();
}

TEST_P(ConformanceTest, AgreesWithTheOracle) {
    // Twelve variants, more than a million operations together.
    constexpr unsigned steps = 90'000;
    FreeOracle oracle(memory);
    struct Block {
        PhysicalAddress at;
        unsigned order;
    };
    std::vector<Block> used;
    std::mt19937_64 random(7);
    for (unsigned step = 0; step < steps; ++step) {
        const unsigned cpu = static_cast<unsigned>(random() % hal::max_cpus);
        // The share of allocations drifts, so that full and empty are met.
        if (random() % 1000 < 380 + (step / 15'000 % 2) * 240) {
            unsigned order = 0;
            if (random() % 4 == 0) order = static_cast<unsigned>(random() % order_count);
            const auto mobility = static_cast<Mobility>(random() % 2);
            const Result<PhysicalAddress> block = take(order, mobility, cpu);
            if (block.ok()) {
                ASSERT_TRUE(oracle.take(block.value(), page << order)) << step;
                ASSERT_EQ(block.value() % (page << order), 0U);
                used.push_back({block.value(), order});
            } else if (order > strategy.largest_order()) {
                ASSERT_EQ(block.status(), Status::Unsupported);
            } else {
                ASSERT_EQ(block.status(), Status::NoMemory);
                if (order == 0 || !keeps_apart) {
                    ASSERT_FALSE(oracle.has(page << order)) << order;
                }
            }
        } else if (!used.empty()) {
            std::swap(used[random() % used.size()], used.back());
            Block block = used.back();
            used.pop_back();
            // Some blocks end as frames, one of which is freed now.
            if (block.order != 0 && random() % 4 == 0 && used.size() < 20'000) {
                ASSERT_EQ(strategy.split(block.at, block.order, cpu), Status::Ok) << step;
                for (unsigned i = 1; i < 1U << block.order; ++i) {
                    used.push_back({block.at + i * page, 0});
                }
                block.order = 0;
            }
            if (random() % 16 == 0) {
                ASSERT_NE(strategy.free(block.at + page / 2, block.order, cpu), Status::Ok);
                ASSERT_NE(strategy.free(block.at, max_order + 1, cpu), Status::Ok);
            }
            ASSERT_EQ(strategy.free(block.at, block.order, cpu), Status::Ok) << step;
            oracle.free(block.at, page << block.order);
            if (random() % 16 == 0) {
                ASSERT_EQ(strategy.free(block.at, block.order, cpu), Status::NotFound);
            }
        }
        ASSERT_EQ(strategy.free_frames(), oracle.frames());
        if (step % 3'000 == 0) {
            ASSERT_TRUE(strategy.consistent()) << step;
            ASSERT_EQ(strategy.free_histogram().frames(), oracle.frames());
        }
    }
    for (const Block& block : used) {
        ASSERT_EQ(strategy.free(block.at, block.order, 0), Status::Ok);
    }
    expect_fresh();
}

TEST_P(ConformanceTest, RefusesMemoryThatIsNone) {
    const StrategyKind* kind = GetParam().kind;
    AlignedBytes room = aligned_bytes(kind->object_size);
    const FrameMap none;
    EXPECT_EQ(kind->create(room.get(), none, nullptr), nullptr);
}

}  // namespace
}  // namespace kernel
