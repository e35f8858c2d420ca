// SPDX-License-Identifier: Apache-2.0
// Every heap that the kernel command line knows conforms to the interface.
#include <cstdint>
#include <random>
#include <set>

#include "tests/kernel/memory/heap/heap_bench.hpp"

namespace kernel {
namespace {

constexpr size_t edge_sizes[] = {0,    1,    15,   16,   17,   48,   63,   64,   65,
                                 255,  256,  257,  495,  672,  673,  1008, 1009, 1343,
                                 1345, 1951, 1952, 1953, 1985, 1999, 2000};

struct Counted {
    static constexpr HeapType heap_type = HeapType::Region;
    explicit Counted(int& count) : living(count) { ++living; }
    ~Counted() { --living; }
    int& living;
    char more[70] = {};
};

struct HeapConformanceTest : testing::TestWithParam<HeapVariant> {
    HeapBench bench{GetParam(), 2048};
    const bool has_orders = GetParam().strategy != "freelist";

    Marked take(size_t size, unsigned char mark = 0x5a) {
        const Result<void*> memory = bench.allocate(size);
        EXPECT_TRUE(memory.ok()) << size;
        Marked object{static_cast<unsigned char*>(memory.value()), size, mark};
        if (memory.ok()) object.fill();
        return object;
    }
};

TEST_P(HeapConformanceTest, ServesEverySizeAligned) {
    for (size_t size = 0; size <= KernelHeap::largest; ++size) {
        const Marked object = take(size);
        ASSERT_EQ(reinterpret_cast<uintptr_t>(object.bytes) % 16, 0U) << size;
        ASSERT_GE(bench.heap->room_for(size), std::max<size_t>(size, 1));
        ASSERT_EQ(bench.heap->figures().objects, 1U);
        ASSERT_GE(bench.heap->figures().bytes, size);
        bench.free(object.bytes);
    }
    bench.expect_nothing_lost();
}

TEST_P(HeapConformanceTest, ObjectsDoNotOverlap) {
    std::vector<Marked> all;
    for (const size_t size : edge_sizes) {
        for (unsigned i = 0; i < 70; ++i) {
            all.push_back(take(size, static_cast<unsigned char>(all.size() * 7)));
        }
    }
    std::set<void*> distinct;
    for (const Marked& object : all) {
        EXPECT_TRUE(object.intact());
        distinct.insert(object.bytes);
    }
    EXPECT_EQ(distinct.size(), all.size());
    EXPECT_EQ(bench.heap->figures().objects, all.size());
    bench.expect_sound();
    for (const Marked& object : all) bench.free(object.bytes);
    bench.expect_nothing_lost();
}

TEST_P(HeapConformanceTest, AnObjectOfNoSizeIsOneOfItsOwn) {
    const Marked first = take(0);
    const Marked second = take(0);
    EXPECT_NE(first.bytes, second.bytes);
    bench.free(first.bytes);
    bench.free(second.bytes);
    bench.expect_nothing_lost();
}

TEST_P(HeapConformanceTest, HugeObjectsAreBlocksOfFrames) {
    const size_t guards = GetParam().debug ? 48 : 0;
    for (unsigned order = 0; order <= max_order; ++order) {
        const size_t most = (hal::page_size << order) - guards;
        const size_t least = order == 0 ? KernelHeap::largest + 1 : most / 2 + guards + 1;
        for (const size_t size : {least, most}) {
            if (order != 0 && !has_orders) {
                EXPECT_EQ(bench.allocate(size).status(), Status::Unsupported) << size;
                continue;
            }
            const Marked object = take(size);
            EXPECT_EQ(bench.heap->figures().objects, 1U);
            EXPECT_EQ(bench.heap->room_for(size), hal::page_size << order) << size;
            EXPECT_LE(bench.free_count + (uint64_t{1} << order), bench.all - 1);
            bench.expect_sound();
            EXPECT_TRUE(object.intact());
            bench.free(object.bytes);
        }
    }
    bench.expect_nothing_lost();
}

TEST_P(HeapConformanceTest, RefusesWhatIsTooLarge) {
    constexpr size_t largest = KernelHeap::huge_largest;
    for (const size_t size : {largest + 1, largest * 2, SIZE_MAX / 2, SIZE_MAX - 63, SIZE_MAX}) {
        EXPECT_EQ(bench.allocate(size).status(), Status::Unsupported) << size;
    }
    bench.expect_nothing_lost();
}

TEST_P(HeapConformanceTest, ManyHugeObjectsAreFound) {
    std::vector<Marked> all;
    for (unsigned i = 0; i < 300; ++i) all.push_back(take(4000, static_cast<unsigned char>(i)));
    bench.expect_sound();
    std::shuffle(all.begin(), all.end(), std::minstd_rand(1));
    for (const Marked& object : all) {
        EXPECT_TRUE(object.intact());
        bench.free(object.bytes);
    }
    bench.expect_nothing_lost();
}

TEST_P(HeapConformanceTest, CreatesAndDestroysTypedObjects) {
    int living = 0;
    std::vector<Counted*> all;
    for (unsigned i = 0; i < 200; ++i) all.push_back(bench.heap.create<Counted>(living).value());
    EXPECT_EQ(living, 200);
    EXPECT_EQ(bench.heap->figures().objects, 200U);
    bench.expect_sound();
    for (Counted* object : all) bench.heap.destroy(object);
    EXPECT_EQ(living, 0);
    bench.expect_nothing_lost();
}

TEST_P(HeapConformanceTest, UsesAllMemoryAndSaysWhenThereIsNone) {
    for (const size_t size : {size_t{16}, size_t{1008}, size_t{2000}, size_t{4000}}) {
        std::vector<void*> objects;
        Result<void*> object = bench.allocate(size);
        for (; object.ok(); object = bench.allocate(size)) objects.push_back(object.value());
        EXPECT_EQ(object.status(), Status::NoMemory);
        // A frame or two may be magazines, and large ones need a record.
        EXPECT_LE(bench.free_count, size == 4000 ? 1U : 0U);
        EXPECT_EQ(bench.heap->figures().objects, objects.size());
        bench.expect_sound();
        bench.free(objects.back());
        objects.back() = bench.allocate(size).value();
        for (void* each : objects) bench.free(each);
        bench.expect_nothing_lost();
    }
}

TEST_P(HeapConformanceTest, ObjectsMayBeFreedOnAnotherCpu) {
    for (const size_t size : {size_t{24}, size_t{640}, size_t{1500}, size_t{3000}}) {
        std::vector<Marked> objects;
        for (unsigned round = 0; round < 3; ++round) {
            hal::host::present.cpu = round;
            for (unsigned i = 0; i < 400; ++i) objects.push_back(take(size));
            hal::host::present.cpu = round + 1;
            bench.expect_sound();
            for (const Marked& object : objects) {
                ASSERT_TRUE(object.intact());
                bench.free(object.bytes);
            }
            objects.clear();
            bench.expect_sound();
        }
        hal::host::present.cpu = 0;
        bench.expect_nothing_lost();
    }
}

TEST_P(HeapConformanceTest, EveryAllocationSiteMayFail) {
    for (const Refusal refusal : {Refusal::Onwards, Refusal::Once}) {
        for (const size_t size : {size_t{16}, size_t{300}, size_t{2000}, size_t{4000}}) {
            constexpr unsigned count = 90;  // beyond any magazine
            std::vector<Marked> objects;
            const uint64_t sites = refuse_each(
                bench.strategy, refusal, [&] { objects.clear(); },
                [&] {
                    while (objects.size() < count) {
                        const Result<void*> memory = bench.allocate(size);
                        if (!memory.ok()) return memory.status();
                        objects.push_back({static_cast<unsigned char*>(memory.value()), size,
                                           static_cast<unsigned char>(objects.size())});
                        objects.back().fill();
                    }
                    return Status::Ok;
                },
                [&](Status, bool) {
                    bench.expect_sound();
                    EXPECT_EQ(bench.heap->figures().objects, objects.size());
                    for (const Marked& object : objects) {
                        EXPECT_TRUE(object.intact());
                        bench.free(object.bytes);
                    }
                    bench.expect_nothing_lost();
                });
            EXPECT_GE(sites, 1U);
        }
    }
}

TEST_P(HeapConformanceTest, FreeingNeedsNoMemory) {
    // Also where freeing takes a magazine: another CPU frees, and each of its allocations fails.
    std::vector<Marked> objects;
    for (const Refusal refusal : {Refusal::Onwards, Refusal::Once}) {
        refuse_each(
            bench.strategy, refusal,
            [&] {
                for (unsigned i = 0; i < 200; ++i) objects.push_back(take(100));
                hal::host::present.cpu = 5;
            },
            [&] {
                for (const Marked& object : objects) bench.free(object.bytes);
                objects.clear();
                return Status::Ok;
            },
            [&](Status, bool) {
                hal::host::present.cpu = 0;
                bench.expect_nothing_lost();
            });
    }
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapConformanceTest, testing::ValuesIn(all_heaps()),
                         heap_variant_name);

}  // namespace
}  // namespace kernel
