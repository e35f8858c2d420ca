// SPDX-License-Identifier: Apache-2.0
// kernel_heap=simple: what is particular to it.
#include "kernel/memory/heap/simple_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

struct SimpleHeapTest : testing::Test {
    FramesBench bench{64};
    SimpleHeap& heap = bench.heap;
};

using SimpleHeapDeathTest = SimpleHeapTest;

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

TEST_F(SimpleHeapTest, ServesEverySizeAlignedAndInsideOneFrame) {
    for (size_t size = 1; size <= SimpleHeap::largest; ++size) {
        void* object = heap.allocate(size).value();
        const auto address = reinterpret_cast<uintptr_t>(object);
        EXPECT_EQ(address % 16, 0U);
        EXPECT_EQ(address / hal::page_size, (address + size - 1) / hal::page_size) << size;
        heap.free(object);
        ASSERT_EQ(heap.frames_used(), 0U);
    }
    EXPECT_EQ(bench.free_count, 64U);
}

TEST_F(SimpleHeapTest, RefusesWhatIsTooLarge) {
    EXPECT_EQ(heap.allocate(hal::page_size + 1).status(), Status::Unsupported);
    EXPECT_EQ(heap.allocate(SIZE_MAX).status(), Status::Unsupported);
    EXPECT_EQ(bench.free_count, 64U);
}

TEST_F(SimpleHeapTest, NeighboursDoNotOverlap) {
    for (const size_t size : {16U, 24U, 100U, 500U, 1008U, 2000U}) {
        std::vector<Marked> all;
        for (unsigned i = 0; i < 5; ++i) {
            auto* bytes = static_cast<unsigned char*>(heap.allocate(size).value());
            all.push_back({bytes, size, static_cast<unsigned char>(i + 1)});
            all.back().fill();
        }
        for (const Marked& object : all) {
            EXPECT_TRUE(object.intact());
            heap.free(object.bytes);
        }
    }
}

TEST_F(SimpleHeapTest, FillsAFrameBeforeItTakesAnother) {
    std::vector<void*> objects;
    for (unsigned i = 0; i < 31; ++i) objects.push_back(heap.allocate(128).value());
    EXPECT_EQ(heap.frames_used(), 1U);
    objects.push_back(heap.allocate(128).value());
    EXPECT_EQ(heap.frames_used(), 2U);
    // An object freed in the full frame is given again before a new frame is opened.
    heap.free(objects[3]);
    objects[3] = heap.allocate(128).value();
    for (unsigned i = 0; i < 30; ++i) objects.push_back(heap.allocate(128).value());
    EXPECT_EQ(heap.frames_used(), 2U);
    for (void* object : objects) heap.free(object);
    EXPECT_EQ(heap.frames_used(), 0U);
}

TEST_F(SimpleHeapTest, GivesEmptyFramesBackAtOnce) {
    void* first = heap.allocate(2000).value();
    void* second = heap.allocate(2000).value();
    EXPECT_EQ(bench.free_count, 63U);
    heap.free(first);
    EXPECT_EQ(bench.free_count, 63U);
    heap.free(second);
    EXPECT_EQ(bench.free_count, 64U);
}

TEST_F(SimpleHeapTest, SaysNoMemoryAndStaysUsable) {
    std::vector<void*> objects;
    for (;;) {
        const Result<void*> object = heap.allocate(1008);
        if (!object.ok()) {
            EXPECT_EQ(object.status(), Status::NoMemory);
            break;
        }
        objects.push_back(object.value());
    }
    EXPECT_EQ(objects.size(), 64U * 4);
    EXPECT_EQ(heap.allocate(16).status(), Status::NoMemory);
    heap.free(objects.back());
    objects.back() = heap.allocate(1008).value();
    for (void* object : objects) heap.free(object);
    EXPECT_EQ(bench.free_count, 64U);
    EXPECT_TRUE(bench.freelist.consistent());
}

TEST_F(SimpleHeapTest, ConstructsAndDestroysObjects) {
    struct Counted {
        explicit Counted(int& count) : living(count) { ++living; }
        ~Counted() { --living; }
        int& living;
    };
    int living = 0;
    Counted* object = heap.create<Counted>(living).value();
    EXPECT_EQ(living, 1);
    heap.destroy(object);
    EXPECT_EQ(living, 0);
    EXPECT_EQ(heap.frames_used(), 0U);
}

TEST_F(SimpleHeapTest, KeepsObjectsIntactOverRandomUse) {
    std::mt19937_64 random(2);
    std::vector<Marked> objects;
    for (unsigned step = 0; step < 100'000; ++step) {
        const bool allocates = random() % 100 < 40 + (step / 5'000 % 2) * 20;
        if (allocates) {
            const size_t size = 1 + random() % (SimpleHeap::largest >> (random() % 7));
            const Result<void*> memory = heap.allocate(size);
            if (!memory.ok()) {
                ASSERT_EQ(bench.free_count, 0U);
                continue;
            }
            objects.push_back({static_cast<unsigned char*>(memory.value()), size,
                               static_cast<unsigned char>(random())});
            objects.back().fill();
        } else if (!objects.empty()) {
            std::swap(objects[random() % objects.size()], objects.back());
            ASSERT_TRUE(objects.back().intact());
            heap.free(objects.back().bytes);
            objects.pop_back();
        }
        ASSERT_EQ(heap.frames_used() + bench.free_count, 64U);
    }
    for (const Marked& object : objects) {
        ASSERT_TRUE(object.intact());
        heap.free(object.bytes);
    }
    EXPECT_EQ(bench.free_count, 64U);
}

TEST_F(SimpleHeapDeathTest, PanicsOnWhatIsNoObject) {
    const PhysicalAddress frame = bench.frames.allocate_zeroed(0, {}).value();
    EXPECT_EXIT(heap.free(FakeMachine::memory(frame) + 64),
                testing::ExitedWithCode(FakeMachine::halted),
                "heap: freed a pointer that is no object");
}

}  // namespace
}  // namespace kernel
