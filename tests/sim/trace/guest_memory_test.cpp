// SPDX-License-Identifier: Apache-2.0
// Tests of GuestMemory.
#include "sim/trace/guest_memory.hpp"

#include <array>
#include <cstring>

#include <gtest/gtest.h>
#include "tests/sim/trace/scratch_folder.hpp"

namespace orrery::trace {
namespace {

using testing::ScratchFolder;

TEST(GuestMemory, FindsTheBankOfAnAddress) {
    std::array<uint32_t, 4> low{1, 2, 3, 4};
    std::array<uint32_t, 4> high{5, 6, 7, 8};
    const GuestMemory memory({{0x8000, 16, std::as_writable_bytes(std::span(high)).data()},
                              {0x1000, 16, std::as_writable_bytes(std::span(low)).data()}});
    EXPECT_EQ(memory.banks().front().physical, 0x1000u);
    EXPECT_EQ(memory.view<uint32_t>(0x1004), 2u);
    memory.view<uint32_t>(0x800c) = 80;
    EXPECT_EQ(high[3], 80u);
    EXPECT_EQ(memory.view_array<uint32_t>(0x8000, 4)[1], 6u);
}

TEST(GuestMemory, RefusesWhatIsNotInOneBank) {
    std::array<uint64_t, 4> words{};
    std::byte* const host = std::as_writable_bytes(std::span(words)).data();
    const GuestMemory memory({{0x1000, 16, host}, {0x1010, 16, host + 16}});
    EXPECT_TRUE(memory.contains(0x1000, 16));
    EXPECT_FALSE(memory.contains(0x1008, 16)) << "neighbours need not be contiguous in the host";
    EXPECT_FALSE(memory.contains(0x1020, 0));
    EXPECT_THROW((void)memory.span(0xfff, 1), TraceError);
    EXPECT_THROW((void)memory.span(0x1000, UINT64_MAX), TraceError);
    EXPECT_THROW((void)memory.view<uint64_t>(0x101c), TraceError);
    EXPECT_THROW((void)memory.view<uint64_t>(0x1004), TraceError) << "misaligned";
    EXPECT_THROW((void)memory.view_array<uint64_t>(0x1000, UINT64_MAX / 8 + 2), TraceError);
}

TEST(GuestMemory, RefusesBanksThatOverlapOrWrap) {
    std::array<std::byte, 32> bytes{};
    EXPECT_THROW(GuestMemory({{0x1000, 16, bytes.data()}, {0x100f, 16, bytes.data() + 16}}),
                 TraceError);
    EXPECT_THROW(GuestMemory({{UINT64_MAX - 3, 16, bytes.data()}}), TraceError);
    EXPECT_THROW(GuestMemory({{0x1000, 0, bytes.data()}}), TraceError);
    EXPECT_THROW(GuestMemory({{0x1000, 16, nullptr}}), TraceError);
}

TEST(GuestMemory, MapsAFileShared) {
    const ScratchFolder folder;
    const auto path = folder.file("ram");
    std::array<std::byte, 8192> content{};
    content[4096 + 16] = std::byte{7};
    testing::write_file(path, content);

    GuestMemory first =
        GuestMemory::map_files({{path, 0x4000'0000, 4096, 4096}, {path, 0, 100, 20}});
    const GuestMemory second = GuestMemory::map_files({{path, 0, 8192, 0}});
    EXPECT_EQ(first.view<uint8_t>(0x4000'0010), 7);
    first.view<uint8_t>(0x4000'0010) = 9;
    first.view<uint8_t>(1) = 3;
    EXPECT_EQ(second.view<uint8_t>(4096 + 16), 9);
    EXPECT_EQ(second.view<uint8_t>(21), 3) << "an offset need not be that of a page";

    const GuestMemory moved = std::move(first);
    EXPECT_EQ(moved.view<uint8_t>(0x4000'0010), 9);
}

TEST(GuestMemory, RefusesAFileThatIsTooShortOrMissing) {
    const ScratchFolder folder;
    const auto path = folder.file("ram");
    testing::write_file(path, std::array<std::byte, 4096>{});
    EXPECT_THROW((void)GuestMemory::map_files({{path, 0, 4097, 0}}), TraceError);
    EXPECT_THROW((void)GuestMemory::map_files({{path, 0, 4096, 1}}), TraceError);
    EXPECT_THROW((void)GuestMemory::map_files({{path, 0, 4096, UINT64_MAX}}), TraceError);
    EXPECT_THROW((void)GuestMemory::map_files({{folder.file("none"), 0, 1, 0}}), TraceError);
}

}  // namespace
}  // namespace orrery::trace
