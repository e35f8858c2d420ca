// SPDX-License-Identifier: Apache-2.0
// The kernel half of the address space as the image would have mapped it.
#include "sim/phone/kernel_tables.hpp"

#include <gtest/gtest.h>

#include "hal/host/port.hpp"

namespace orrery::phone {

// The test's own image: 64 KiB with tables at its end.
const ImageLayout image_layout = {
    .text_end = 0x2000,
    .rodata_end = 0x3000,
    .image_end = 0x4'0000,
    .stacks = 0x4000,
    .cpu_locals = 0x3'0000,
    .kernel_storage = 0x3'1000,
    .root_table = 0x3'2000,
    .image_level1 = 0x3'3000,
    .image_level2 = 0x3'4000,
    .image_level3 = 0x3'5000,
    .table_pool = 0x3'6000,
};

namespace {

using engine::PageTranslation;
using hal::aarch64::direct_base;
using hal::aarch64::image_base;

constexpr uint64_t ram = 0x8000'0000, ram_size = 0x1'0000'0000;
constexpr uint64_t image = ram + 0x20'0000;

class KernelTablesTest : public testing::Test {
  protected:
    [[nodiscard]] PageTranslation walk(uint64_t address) const {
        PageTranslation translation;
        EXPECT_TRUE(tables.walk(address, translation)) << std::hex << address;
        return translation;
    }
    [[nodiscard]] bool mapped(uint64_t address) const {
        PageTranslation translation;
        return tables.walk(address, translation);
    }

    Arena arena{{{ram, ram_size}}};
    std::vector<engine::MemoryBank> banks{
        {ram, ram_size, reinterpret_cast<std::byte*>(hal::host::direct_base + ram)}};
    KernelTables tables{arena, banks, image};
};

TEST_F(KernelTablesTest, the_image_is_mapped_page_by_page) {
    const PageTranslation code = walk(image_base + 0x1234);
    EXPECT_EQ(code.physical, image + 0x1000);
    EXPECT_EQ(code.shift, 12);
    EXPECT_TRUE(code.global);
    EXPECT_TRUE(code.memory);
    ASSERT_EQ(code.descriptor_count, 4);
    EXPECT_EQ(code.descriptors[3], image + image_layout.image_level3 + 8);
    EXPECT_FALSE(mapped(image_base + image_layout.image_end));
}

TEST_F(KernelTablesTest, nothing_is_under_the_stacks) {
    EXPECT_FALSE(mapped(image_base + image_layout.stacks));
    EXPECT_TRUE(mapped(image_base + image_layout.stacks + 0x1000));
    EXPECT_FALSE(mapped(image_base + image_layout.stacks + sizeof(hal::aarch64::GuardedStack)));
}

TEST_F(KernelTablesTest, memory_is_mapped_in_the_largest_blocks) {
    EXPECT_FALSE(mapped(direct_base + ram));
    tables.map_memory(ram, ram_size);
    EXPECT_EQ(walk(direct_base + ram).shift, 21);
    EXPECT_EQ(walk(direct_base + image).shift, 12);           // the image's constants
    EXPECT_EQ(walk(direct_base + image + 0x5000).shift, 12);  // up to the next block
    EXPECT_EQ(walk(direct_base + image + 0x20'0000).shift, 21);
    const PageTranslation far = walk(direct_base + 0xc000'5000);
    EXPECT_EQ(far.shift, 30);
    EXPECT_EQ(far.physical, 0xc000'5000u);
    EXPECT_EQ(far.descriptor_count, 2);
}

TEST_F(KernelTablesTest, what_is_mapped_stays) {
    tables.map_memory(ram + 0x100'0000, 0x1000);
    const PageTranslation before = walk(direct_base + ram + 0x100'0000);
    tables.map_memory(ram, ram_size);
    EXPECT_EQ(walk(direct_base + ram + 0x100'0000).descriptors, before.descriptors);
    EXPECT_EQ(walk(direct_base + ram + 0x100'1000).shift, 12);
}

}  // namespace
}  // namespace orrery::phone
