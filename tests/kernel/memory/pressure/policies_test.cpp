// SPDX-License-Identifier: Apache-2.0
// Watermarks and the choice of who is ended when memory is out.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "kernel/memory/pressure/out_of_memory.hpp"
#include "kernel/memory/pressure/watermarks.hpp"

namespace kernel {
namespace {

constexpr uint64_t mebibyte = 256;  // frames

TEST(Watermarks, AreLinuxs) {
    // The table of mm/page_alloc.c: memory in MiB, KiB kept free.
    const uint64_t table[][2] = {{16, 512},    {32, 724},     {64, 1024},    {128, 1448},
                                 {256, 2048},  {512, 2896},   {1024, 4096},  {2048, 5792},
                                 {4096, 8192}, {8192, 11584}, {16384, 16384}};
    for (const auto& [size, kilobytes] : table) {
        EXPECT_EQ(watermarks_of(size * mebibyte, size * mebibyte).min, kilobytes / 4) << size;
    }
    EXPECT_EQ(watermarks_of(64, 64).min, 32U);
    EXPECT_EQ(watermarks_of(uint64_t{1} << 40, uint64_t{1} << 40).min, 65536U);
    EXPECT_EQ(watermarks_of(0, 0).high, 0U);
}

TEST(Watermarks, AreApartAndSharedAmongNodes) {
    const Watermarks all = watermarks_of(1024 * mebibyte, 1024 * mebibyte);
    EXPECT_EQ(all.low, all.min + 262);  // a thousandth of the node
    EXPECT_EQ(all.high, all.low + 262);
    const Watermarks quarter = watermarks_of(256 * mebibyte, 1024 * mebibyte);
    EXPECT_EQ(quarter.min, all.min / 4);
    const Watermarks small = watermarks_of(16 * mebibyte, 16 * mebibyte);
    EXPECT_EQ(small.low, small.min + small.min / 4);
}

TEST(SquareRoot, IsRoundedDown) {
    std::mt19937_64 random(1);
    for (unsigned i = 0; i < 10'000; ++i) {
        const uint64_t value = random() >> random() % 64;
        const uint64_t root = square_root(value);
        EXPECT_LE(root, UINT32_MAX);
        EXPECT_LE(root * root, value);
        if (root < UINT32_MAX) EXPECT_GT((root + 1) * (root + 1), value);
    }
}

OutOfMemoryCandidate candidate(uint32_t task, uint64_t frames, uint64_t swapped = 0) {
    return {.task = task,
            .is_init = task == 1,
            .is_ending = false,
            .frames = frames,
            .swapped = swapped};
}
Result<size_t> choose(const std::vector<OutOfMemoryCandidate>& candidates) {
    return choose_victim(candidates.data(), candidates.size());
}

TEST(OutOfMemory, EndsTheHeaviestButInit) {
    EXPECT_EQ(choose({candidate(1, 1000), candidate(2, 5), candidate(3, 7)}).value(), 2U);
    EXPECT_EQ(choose({candidate(1, 1000), candidate(2, 5, 3), candidate(3, 7)}).value(), 1U);
    EXPECT_EQ(choose({candidate(9, 7), candidate(4, 7), candidate(6, 7)}).value(), 1U);
    EXPECT_EQ(choose({candidate(1, 1000)}).status(), Status::NotFound);
    EXPECT_EQ(choose({candidate(1, 1000), candidate(2, 0)}).status(), Status::NotFound);
    EXPECT_EQ(choose({}).status(), Status::NotFound);
}

TEST(OutOfMemory, WaitsForWhoEndsAlready) {
    OutOfMemoryCandidate ending = candidate(5, 1);
    ending.is_ending = true;
    EXPECT_EQ(choose({candidate(2, 100), ending}).status(), Status::Busy);
}

TEST(OutOfMemory, DoesNotDependOnTheOrder) {
    std::mt19937 random(4);
    std::vector<OutOfMemoryCandidate> candidates;
    for (uint32_t i = 1; i <= 20; ++i)
        candidates.push_back(candidate(i, random() % 5, random() % 5));
    const uint32_t first = candidates[choose(candidates).value()].task;
    for (unsigned i = 0; i < 50; ++i) {
        std::shuffle(candidates.begin(), candidates.end(), random);
        EXPECT_EQ(candidates[choose(candidates).value()].task, first);
    }
}

TEST(OutOfMemory, SaysWhy) {
    char text[224];
    const auto explain = [&](const OutOfMemoryCandidate& victim, uint32_t nodes) {
        const size_t length = explain_victim(victim, "glutton", {nodes, 3, 4}, text, sizeof text);
        return std::string(text, length);
    };
    EXPECT_EQ(explain(candidate(7, 100, 20), 0),
              "out of memory: ended task 7 (glutton) because it holds the most of 4 tasks, 400 KiB "
              "in memory and 80 KiB in swap, with 12 KiB free");
    EXPECT_EQ(
        explain(candidate(7, 100), 0b10),
        "out of memory on node 1: ended task 7 (glutton) because it holds the most of 4 tasks "
        "there, 400 KiB, with 12 KiB free there");
    EXPECT_EQ(explain(candidate(7, 100), 0b1101).substr(0, 31), "out of memory on nodes 0 2 3: e");
}

}  // namespace
}  // namespace kernel
