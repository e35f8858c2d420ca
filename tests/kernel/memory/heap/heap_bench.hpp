// SPDX-License-Identifier: Apache-2.0
// A heap to test, whichever it is, over a page-frame strategy that can refuse.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "kernel/memory/heap/heap_choice.hpp"
#include "tests/kernel/failing_frames.hpp"
#include "tests/kernel/frame_accounts.hpp"
#include "tests/kernel/memory/frames/strategy_bench.hpp"

namespace kernel {

struct HeapVariant {
    const HeapKind* kind;
    bool debug;
    std::string strategy;  // of page frames
};

inline void PrintTo(const HeapVariant& variant, std::ostream* out) {
    *out << variant.kind->name << (variant.debug ? " in debug" : "") << " over "
         << variant.strategy;
}

// Every heap, with and without red zones, over a strategy with large blocks and one without.
inline std::vector<HeapVariant> all_heaps() {
    std::vector<HeapVariant> variants;
    for (unsigned i = 0; i < heap_count(); ++i) {
        for (const bool debug : {false, true}) {
            for (const char* strategy : {"freelist", "buddy"}) {
                variants.push_back({&heap_at(i), debug, strategy});
            }
        }
    }
    return variants;
}

inline std::string heap_variant_name(const testing::TestParamInfo<HeapVariant>& info) {
    return std::string(info.param.kind->name) + (info.param.debug ? "_debug" : "") + "_" +
           info.param.strategy;
}

class HeapBench {
  public:
    // `frame_count` frames of the fake machine from a multiple of 4 MiB on.
    HeapBench(const HeapVariant& variant, uint64_t frame_count)
        : all(frame_count),
          strategy_bench(variant.strategy, false, {{begin, begin + frame_count * page}}) {
        frames.initialise(strategy, accounts.records, accounts.counts);
        heap.choose(*variant.kind, frames, variant.debug);
    }

    [[nodiscard]] Result<void*> allocate(size_t size) { return heap->allocate(size); }
    void free(void* object) { heap->free(object); }
    // Empties what each CPU keeps.
    void trim() {
        const unsigned before = hal::host::present.cpu;
        for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
            hal::host::present.cpu = cpu;
            heap->trim();
        }
        hal::host::present.cpu = before;
    }
    // What is not free is the heap's, and all agree.
    void expect_sound() {
        EXPECT_EQ(heap->frames_used() + free_count, all);
        EXPECT_TRUE(heap->consistent());
        EXPECT_TRUE(HeldRanks::none());
    }
    // No object is left.
    void expect_nothing_lost() {
        EXPECT_EQ(heap->figures().objects, 0U);
        EXPECT_EQ(heap->figures().bytes, 0U);
        expect_sound();
        trim();
        EXPECT_EQ(heap->frames_used(), 0U);
        EXPECT_EQ(free_count, all);
        expect_sound();
        EXPECT_TRUE(strategy.consistent());
    }

    static constexpr PhysicalAddress begin = FakeMachine::memory_begin + (4 << 20);

    const uint64_t all;
    FakeMachine machine;
    StrategyBench strategy_bench;
    RefusingStrategy strategy{*strategy_bench.strategy};
    FrameAccounts accounts{strategy_bench.map};
    Frames frames;
    FreeCount free_count{frames};
    ChosenHeap heap;
};

// An object filled with its own mark, which must still be there when it is freed.
struct Marked {
    unsigned char* bytes;
    size_t size;
    unsigned char mark;

    void fill() const { std::fill_n(bytes, size, mark); }
    [[nodiscard]] bool intact() const {
        return std::all_of(bytes, bytes + size, [this](unsigned char b) { return b == mark; });
    }
};

}  // namespace kernel
