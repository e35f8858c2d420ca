// SPDX-License-Identifier: Apache-2.0
// Broken device trees end in an error or in nonsense, never in a read beyond the blob or a hang.
// Each blob lies in a buffer of exactly its size, where the address sanitizer sees every overread.
#include <gtest/gtest.h>

#include <random>

#include "kernel/boot/machine.hpp"
#include "tests/kernel/machine_trees.hpp"
#include "tests/user/archive_builder.hpp"

namespace kernel {
namespace {

using user::ExactBytes;

std::string whole_machine() {
    return virt_tree({.command_line = "trace=on",
                      .archive_begin = 0x4800'0000,
                      .archive_end = 0x4800'1000,
                      .cpus = 2,
                      .without = ""});
}

// Everything that the kernel asks of a tree, and every byte that it gets.
uint64_t use(const DeviceTree& tree) {
    uint64_t sum = 0;
    const auto add = [&sum](std::string_view text) {
        for (const char character : text) sum += static_cast<unsigned char>(character);
    };
    tree.for_each_node([&](const DeviceTree::Node& node, std::string_view name) {
        add(name);
        for (const char* key : {"reg", "compatible", "phandle", "bootargs", "interrupts"}) {
            const Property value = tree.property(node, key);
            for (uint32_t i = 0; i < value.size; ++i) sum += value.data[i];
            add(value.text());
        }
        uint64_t address = 0;
        uint64_t size = 0;
        for (uint32_t i = 0; i < 4 && tree.reg(node, i, address, size); ++i) sum += address ^ size;
        return true;
    });
    MachineDescription machine;
    sum += describe_machine(tree, machine) == Status::Ok ? 1 : 0;
    add(machine.command_line);
    for (unsigned i = 0; i < machine.bank_count; ++i) {
        EXPECT_LT(machine.banks[i].begin, machine.banks[i].end);
    }
    for (unsigned i = 0; i < machine.reserved_count; ++i) {
        EXPECT_LE(machine.reserved[i].begin, machine.reserved[i].end);
    }
    return sum;
}

// True when the damaged tree could be opened; it has been used then.
bool survives(const std::string& blob) {
    const ExactBytes bytes(blob);
    DeviceTree tree;
    if (tree.open(bytes.span().data(), bytes.span().size()) != Status::Ok) return false;
    use(tree);
    return true;
}

void set_word(std::string& blob, size_t offset, uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) {
        blob[offset + i] = static_cast<char>(value >> (24 - 8 * i) & 0xff);
    }
}

TEST(DeviceTreeDamage, NoTruncatedTreeCanBeOpened) {
    const std::string whole = whole_machine();
    ASSERT_TRUE(survives(whole));
    for (size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(survives(whole.substr(0, length))) << length;
    }
}

// Cut off, but with a header that pretends otherwise.
TEST(DeviceTreeDamage, TruncatedTreesWithACorrectedSizeAreReadWithinTheirBounds) {
    const std::string whole = whole_machine();
    for (size_t length = 40; length < whole.size(); ++length) {
        std::string cut = whole.substr(0, length);
        set_word(cut, 4, static_cast<uint32_t>(length));
        (void)survives(cut);
        // The strings, too, end where the blob does.
        const uint32_t strings = fdt_off_dt_strings(whole.data());
        if (length < strings) continue;
        set_word(cut, 32, static_cast<uint32_t>(length) - strings);
        EXPECT_TRUE(survives(cut)) << length;
    }
}

TEST(DeviceTreeDamage, EveryHeaderWordMayHoldAnything) {
    const std::string whole = whole_machine();
    const auto size = static_cast<uint32_t>(whole.size());
    for (size_t offset = 0; offset < 40; offset += 4) {
        for (const uint32_t value :
             {0U,           1U,           4U,           8U,           16U,
              17U,          39U,          40U,          44U,          size - 8,
              size - 4,     size - 1,     size,         size + 1,     size + 4,
              0x7fff'ffffU, 0x8000'0000U, 0xffff'fff8U, 0xffff'fffcU, 0xffff'ffffU}) {
            std::string damaged = whole;
            set_word(damaged, offset, value);
            (void)survives(damaged);
        }
    }
}

// A size near 2^32 leads backwards if the sum wraps around; the walk would then never end.
TEST(DeviceTreeDamage, NoPropertyLeadsBackwards) {
    const std::string whole = whole_machine();
    const int root = fdt_path_offset(whole.data(), "/");
    const int first = fdt_first_property_offset(whole.data(), root);
    ASSERT_GE(first, 0);
    const uint32_t begin = fdt_off_dt_struct(whole.data());
    const uint32_t property = begin + static_cast<uint32_t>(first);
    for (const uint32_t target : {property, begin}) {
        std::string damaged = whole;
        set_word(damaged, property + 4, target - (property + 12));
        EXPECT_FALSE(survives(damaged));
    }
}

TEST(DeviceTreeDamage, EveryWordMayHoldAnything) {
    const std::string whole = whole_machine();
    for (size_t offset = 40; offset + 4 <= whole.size(); offset += 4) {
        for (const uint32_t value :
             {0U, 1U, 2U, 3U, 4U, 9U, 0x7fff'ffffU, 0xffff'fffcU, 0xffff'ffffU}) {
            std::string damaged = whole;
            set_word(damaged, offset, value);
            (void)survives(damaged);
        }
    }
}

TEST(DeviceTreeDamage, RandomBytesMayHoldAnything) {
    const std::string trees[] = {whole_machine(), phone_tree()};
    std::mt19937_64 random(5);
    unsigned opened = 0;
    for (unsigned round = 0; round < 20'000; ++round) {
        std::string damaged = trees[round % 2];
        for (uint64_t i = 1 + random() % 8; i > 0; --i) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        opened += survives(damaged) ? 1 : 0;
        if (testing::Test::HasFailure()) FAIL() << "round " << round;
    }
    // Damage to values alone leaves a tree that can be opened: both ways were taken.
    EXPECT_GT(opened, 1'000U);
    EXPECT_LT(opened, 19'000U);
}

}  // namespace
}  // namespace kernel
