// SPDX-License-Identifier: Apache-2.0
// heap_debug=on: writes outside an object, writes after it was freed, double frees and foreign
// pointers end in a panic that says what was found; and what is found without it.
#include "tests/kernel/memory/heap/heap_bench.hpp"

namespace kernel {
namespace {

std::vector<HeapVariant> heaps(bool debug) {
    std::vector<HeapVariant> all;
    for (const HeapVariant& variant : all_heaps()) {
        if (variant.debug == debug && variant.strategy == "buddy") all.push_back(variant);
    }
    return all;
}

struct HeapGuardDeathTest : testing::TestWithParam<HeapVariant> {
    HeapBench bench{GetParam(), 1024};
    static constexpr size_t sizes[] = {1, 16, 40, 100, 900, 1990, 3000, 20'000};

    char* take(size_t size) { return static_cast<char*>(bench.allocate(size).value()); }
    void expect_panic_of_free(void* object, const std::string& message) {
        EXPECT_EXIT(bench.free(object), testing::ExitedWithCode(FakeMachine::halted), message);
    }
};

TEST_P(HeapGuardDeathTest, FindsAWriteBehindAnObject) {
    for (const size_t size : sizes) {
        char* object = take(size);
        object[size] = 0x41;
        expect_panic_of_free(object, "heap: object [0-9a-f]+ of " + std::to_string(size) +
                                         " bytes \\(class [0-9]+\\) has its rear red zone "
                                         "overwritten: byte 0 is 41");
        object[size] = '\xbb';
        object[size + 15] = 0x42;
        expect_panic_of_free(object, "rear red zone overwritten: byte 15 is 42");
        object[size + 15] = '\xbb';
        bench.free(object);
    }
}

TEST_P(HeapGuardDeathTest, FindsAWriteBeforeAnObject) {
    for (const size_t size : sizes) {
        char* object = take(size);
        const char before = object[-1];
        object[-1] = 0x41;
        expect_panic_of_free(object, "or the bytes before it were overwritten");
        object[-1] = before;
        object[-32] = 0x41;
        expect_panic_of_free(object, "front red zone overwritten: byte 0 is 41");
        object[-32] = '\xbb';
        bench.free(object);
    }
}

TEST_P(HeapGuardDeathTest, FindsAWriteToAFreedObject) {
    for (const size_t size : {size_t{16}, size_t{100}, size_t{900}}) {
        char* other = take(size);  // keeps the memory with the heap
        char* object = take(size);
        bench.free(object);
        object[size - 1] = 0x41;
        const auto take_all = [&] {
            for (unsigned i = 0; i < 4000; ++i) (void)take(size);
        };
        EXPECT_EXIT(
            take_all(), testing::ExitedWithCode(FakeMachine::halted),
            "was written to after it was freed: byte " + std::to_string(size + 31) + " is 41");
        object[size - 1] = static_cast<char>(0x6b);
        bench.free(other);
    }
}

TEST_P(HeapGuardDeathTest, FindsADoubleFree) {
    char* other = take(100);
    char* object = take(100);
    bench.free(object);
    expect_panic_of_free(object, "heap: an object was freed twice");
    bench.free(other);
    bench.expect_nothing_lost();
}

TEST_P(HeapGuardDeathTest, FindsForeignPointers) {
    char* object = take(100);
    std::fill_n(object, 100, '\0');
    const PhysicalAddress frame = bench.frames.allocate_zeroed(0, {}).value();
    for (void* foreign : {object + 16, object + 1, object - 16, FakeMachine::memory(frame) + 64}) {
        expect_panic_of_free(foreign, "freed a pointer that is no object");
    }
}

TEST_P(HeapGuardDeathTest, AllOfAnObjectMayBeWritten) {
    for (const size_t size : sizes) {
        for (unsigned i = 0; i < 50; ++i) {
            char* object = take(size);
            std::fill_n(object, size, '\0');
            bench.free(object);
        }
    }
    bench.expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapGuardDeathTest, testing::ValuesIn(heaps(true)),
                         heap_variant_name);

// Without heap_debug=on a heap finds what costs nothing to find.
using PlainHeapDeathTest = HeapGuardDeathTest;

TEST_P(PlainHeapDeathTest, FindsWhatIsNoObjectOfTheHeap) {
    const PhysicalAddress frame = bench.frames.allocate_zeroed(0, {}).value();
    char* object = take(3000);
    expect_panic_of_free(FakeMachine::memory(frame), "heap: freed a pointer that is no object");
    expect_panic_of_free(FakeMachine::memory(frame) + 64,
                         "heap: freed a pointer that is no object");
    bench.free(object);
    expect_panic_of_free(object, "heap: freed a pointer that is no object");
}

INSTANTIATE_TEST_SUITE_P(Heaps, PlainHeapDeathTest, testing::ValuesIn(heaps(false)),
                         heap_variant_name);

}  // namespace
}  // namespace kernel
