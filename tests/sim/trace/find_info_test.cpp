// SPDX-License-Identifier: Apache-2.0
// Tests of find_info(): images in memory.

#include <cstring>
#include <vector>

#include "sim/trace/kernel_view.hpp"

#include <gtest/gtest.h>

namespace orrery::trace {
namespace {

constexpr uint64_t megabyte = 1024 * 1024;
constexpr uint64_t link_address = 0xffff'0000'4020'0000;

std::vector<std::byte> make_image(uint64_t text_offset = 0) {
    std::vector<std::byte> image(4096);
    const auto put = [&](size_t offset, uint64_t value) {
        std::memcpy(image.data() + offset, &value, sizeof value);
    };
    put(0x00, 0x0000'0900'1400'0010);
    put(0x08, text_offset);
    put(0x10, 0x8000);  // with the zeroed part
    put(0x20, 0x240);
    put(0x28, 0x6000);
    put(0x30, link_address);
    put(0x38, 0x644d'5241);
    return image;
}

// 8 MiB of RAM that starts 1 MiB above a boundary.
class FindInfo : public ::testing::Test {
  protected:
    static constexpr uint64_t base = 0x4010'0000;

    void load(uint64_t physical, const std::vector<std::byte>& image) {
        std::memcpy(memory_.span(physical, image.size()).data(), image.data(), image.size());
    }

    std::vector<uint64_t> words_ = std::vector<uint64_t>(megabyte);
    GuestMemory memory_{{{base, 8 * megabyte, reinterpret_cast<std::byte*>(words_.data())}}};
};

TEST_F(FindInfo, FindsTheImage) {
    const auto image = make_image();
    EXPECT_FALSE(find_info(memory_, image).has_value());
    load(0x4060'0000, image);
    const InfoLocation expected{0x4060'6000, link_address + 0x240, 0x4060'0000, 0x4060'0900};
    EXPECT_EQ(find_info(memory_, image), expected);
}

TEST_F(FindInfo, FindsTheImageWhereItHasPlacedItself) {
    const auto image = make_image();
    auto placed = image;
    constexpr uint64_t address = link_address + 0x1234'0000'0000;
    std::memcpy(placed.data() + 0x30, &address, sizeof address);
    load(0x4060'0000, placed);
    ASSERT_TRUE(find_info(memory_, image).has_value());
    EXPECT_EQ(find_info(memory_, image)->hold_virtual, address + 0x240);
}

TEST_F(FindInfo, LooksOnlyWhereTheBootProtocolLoads) {
    const auto image = make_image();
    load(0x4030'0000, image);
    EXPECT_FALSE(find_info(memory_, image).has_value());
}

TEST_F(FindInfo, HonoursTheTextOffset) {
    const auto image = make_image(0x8'0000);
    load(0x4028'0000, image);
    ASSERT_TRUE(find_info(memory_, image).has_value());
    EXPECT_EQ(find_info(memory_, image)->info_physical, 0x4028'6000u);
}

TEST_F(FindInfo, IsNotFooledByAnotherImage) {
    auto other = make_image();
    other[0x21] = std::byte{9};
    load(0x4020'0000, other);
    EXPECT_FALSE(find_info(memory_, make_image()).has_value());
}

TEST_F(FindInfo, RefusesAnImageWithoutHeader) {
    EXPECT_THROW((void)find_info(memory_, std::vector<std::byte>(63)), TraceError);
    EXPECT_THROW((void)find_info(memory_, std::vector<std::byte>(64)), TraceError);
    auto image = make_image();
    std::memset(image.data() + 0x28, 0, 8);  // no KernelInfo
    EXPECT_THROW((void)find_info(memory_, image), TraceError);
}

}  // namespace
}  // namespace orrery::trace
