// SPDX-License-Identifier: Apache-2.0
// Copies between the kernel and user memory.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <vector>

#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

constexpr VirtualAddress base = 0x40'0000;

struct UserMemoryTest : AddressSpaceBench {
    // Three pages to write, a hole, one page to read only.
    void SetUp() override {
        AddressSpaceBench::SetUp();
        ASSERT_TRUE(space.map(3 * page, read_write, base).ok());
        ASSERT_TRUE(space.map(page, read_only, base + 4 * page).ok());
    }
    Status read(VirtualAddress from, uint64_t size) {
        std::vector<char> buffer(size < 4 * page ? size : 0);
        buffer.shrink_to_fit();
        return space.read(buffer.data(), from, size);
    }
    Status write(VirtualAddress to, uint64_t size) {
        const std::vector<char> buffer(size < 4 * page ? size : 0);
        return space.write(to, buffer.data(), size);
    }
};

TEST_F(UserMemoryTest, CopiesAcrossPageBordersAtEveryOffset) {
    std::vector<char> pattern(page + 100);
    std::iota(pattern.begin(), pattern.end(), '\1');
    for (const uint64_t offset : {uint64_t{0}, uint64_t{1}, page - 50, page - 1, page}) {
        ASSERT_EQ(space.write(base + offset, pattern.data(), pattern.size()), Status::Ok);
        std::vector<char> back(pattern.size());
        ASSERT_EQ(space.read(back.data(), base + offset, back.size()), Status::Ok);
        EXPECT_EQ(back, pattern);
        // The neighbours of the range are untouched.
        char after = 0;
        ASSERT_EQ(space.read(&after, base + offset + pattern.size(), 1), Status::Ok);
        ASSERT_EQ(space.unmap(base, 3 * page), Status::Ok);
        ASSERT_TRUE(space.map(3 * page, read_write, base).ok());
        EXPECT_EQ(after, 0);
    }
}

TEST_F(UserMemoryTest, ReadsAndWritesRightUpToTheEnd) {
    EXPECT_EQ(read(base, 3 * page), Status::Ok);
    EXPECT_EQ(write(base, 3 * page), Status::Ok);
    EXPECT_EQ(read(base + 3 * page - 1, 1), Status::Ok);
    EXPECT_EQ(read(base, 3 * page + 1), Status::BadAddress);
    EXPECT_EQ(write(base, 3 * page + 1), Status::BadAddress);
    EXPECT_EQ(read(base - 1, 2), Status::BadAddress);
}

TEST_F(UserMemoryTest, NothingIsCopiedFromNowhere) {
    for (const VirtualAddress bad :
         {uint64_t{0}, uint64_t{8}, abi::user_base - 1, base + 3 * page, abi::user_end - 1,
          abi::user_end, uint64_t{0xffff'0000'0000'0000}, uint64_t{0xffff'ffff'8000'0000},
          hal::host::direct_base + FakeMachine::memory_begin, ~uint64_t{0}}) {
        for (const uint64_t size : {uint64_t{1}, uint64_t{8}, page}) {
            EXPECT_EQ(read(bad, size), Status::BadAddress) << std::hex << bad;
            EXPECT_EQ(write(bad, size), Status::BadAddress) << std::hex << bad;
        }
    }
}

TEST_F(UserMemoryTest, SizesThatWrapAroundAreRefused) {
    for (const uint64_t size : {~uint64_t{0}, ~uint64_t{0} - base, ~uint64_t{0} - base + 1,
                                abi::user_end, abi::user_end - base + 1}) {
        EXPECT_EQ(read(base, size), Status::BadAddress) << std::hex << size;
        EXPECT_EQ(write(base, size), Status::BadAddress) << std::hex << size;
    }
}

TEST_F(UserMemoryTest, NoBytesAreAlwaysThere) {
    EXPECT_EQ(read(0, 0), Status::Ok);
    EXPECT_EQ(write(~uint64_t{0}, 0), Status::Ok);
}

TEST_F(UserMemoryTest, TheProgramsOwnPermissionsDecide) {
    const VirtualAddress constant = base + 4 * page;
    EXPECT_EQ(read(constant, page), Status::Ok);
    EXPECT_EQ(write(constant, 1), Status::BadAddress);
    ASSERT_EQ(space.protect(base + page, page, read_execute), Status::Ok);
    EXPECT_EQ(write(base, page), Status::Ok);
    EXPECT_EQ(write(base, page + 1), Status::BadAddress);
    EXPECT_EQ(read(base, 3 * page), Status::Ok);
}

TEST_F(UserMemoryTest, LoadingPassesOverPermissionsButNotOverHoles) {
    const VirtualAddress constant = base + 4 * page;
    const uint32_t word = 0xd65f03c0;
    ASSERT_EQ(space.protect(constant, page, read_execute), Status::Ok);
    bench.machine.code.clear();
    ASSERT_EQ(space.load(constant + 8, &word, sizeof word), Status::Ok);
    uint32_t back = 0;
    ASSERT_EQ(space.read(&back, constant + 8, sizeof back), Status::Ok);
    EXPECT_EQ(back, word);
    EXPECT_FALSE(bench.machine.code.empty());
    EXPECT_EQ(space.load(base + 3 * page, &word, sizeof word), Status::BadAddress);
    EXPECT_EQ(space.load(constant + page - 2, &word, sizeof word), Status::BadAddress);
}

}  // namespace
}  // namespace kernel
