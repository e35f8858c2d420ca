// SPDX-License-Identifier: Apache-2.0
// User page tables, read back by a walker of the test's own after Arm ARM DDI 0487, D8.3.
#include "kernel/memory/page_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>

#include "kernel/abi/syscall.hpp"
#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr uint64_t output_mask = 0x0000'ffff'ffff'f000;
constexpr uint32_t read = abi::ProtectionRead;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint32_t read_execute = abi::ProtectionRead | abi::ProtectionExecute;

uint64_t entry_of(PhysicalAddress table, uint64_t index) {
    return reinterpret_cast<const uint64_t*>(FakeMachine::memory(table))[index];
}

unsigned valid_entries(PhysicalAddress table) {
    unsigned count = 0;
    for (uint64_t i = 0; i < 512; ++i) count += entry_of(table, i) & 1;
    return count;
}

// The page descriptor for an address, as hardware finds it. Every table descriptor on the way has
// to be valid (0b11) without a restriction of its own, and counts the entries of its table in bits
// that hardware ignores.
std::optional<uint64_t> hardware_walk(PhysicalAddress root, VirtualAddress address) {
    PhysicalAddress table = root;
    for (const unsigned shift : {39U, 30U, 21U}) {
        const uint64_t entry = entry_of(table, address >> shift & 511);
        if (entry == 0) return std::nullopt;
        EXPECT_EQ(entry & ~output_mask & 3, 3U);
        EXPECT_EQ(entry >> 48, 0U);
        table = entry & output_mask;
        EXPECT_EQ(entry >> 2 & 0x3ff, valid_entries(table));
    }
    const uint64_t entry = entry_of(table, address >> 12 & 511);
    if (entry == 0) return std::nullopt;
    return entry;
}

struct PageTableTest : testing::Test {
    void SetUp() override { ASSERT_EQ(table.create(), Status::Ok); }
    void TearDown() override {
        table.destroy();
        EXPECT_EQ(table.table_frames(), 0U);
        EXPECT_EQ(bench.free_count, 512U);
    }
    // Undoes every mapping so that the table may be destroyed.
    void unmap_all(const std::map<VirtualAddress, Mapping>& model) {
        for (const auto& [address, mapping] : model) EXPECT_TRUE(table.unmap(address).ok());
    }

    FramesBench bench{512};
    PageTable table{bench.frames, 5};
};

using PageTableDeathTest = PageTableTest;

struct Bits {
    uint64_t valid_page, attribute, access, shareability, accessed, not_global, pxn, uxn;
};

Bits bits_of(uint64_t entry) {
    return {entry & 3,       entry >> 2 & 7,  entry >> 6 & 3,  entry >> 8 & 3,
            entry >> 10 & 1, entry >> 11 & 1, entry >> 53 & 1, entry >> 54 & 1};
}

TEST_F(PageTableTest, DescriptorsSayWhatTheArchitectureWants) {
    struct Case {
        uint32_t protection;
        uint64_t access;  // AP[2:1]: 01 read/write, 11 read-only, at EL0
        uint64_t uxn;
    };
    for (const Case& expected :
         {Case{read, 3, 1}, Case{read_write, 1, 1}, Case{read_execute, 3, 0}}) {
        constexpr VirtualAddress address = 0x1234'5678'9000;
        constexpr PhysicalAddress frame = 0xabcd'1234'5000;
        ASSERT_EQ(table.map(address, frame, expected.protection), Status::Ok);
        const uint64_t entry = hardware_walk(table.root(), address).value();
        EXPECT_EQ(entry & output_mask, frame);
        const Bits bits = bits_of(entry);
        EXPECT_EQ(bits.valid_page, 3U);
        EXPECT_EQ(bits.attribute, 0U);
        EXPECT_EQ(bits.access, expected.access);
        EXPECT_EQ(bits.shareability, 3U);
        EXPECT_EQ(bits.accessed, 1U);
        EXPECT_EQ(bits.not_global, 1U);
        EXPECT_EQ(bits.pxn, 1U);
        EXPECT_EQ(bits.uxn, expected.uxn);
        EXPECT_EQ(entry & ~(output_mask | 0x0060'0000'0000'0fff), 0U);
        EXPECT_TRUE(table.unmap(address).ok());
    }
}

TEST_F(PageTableTest, RegistersOfADeviceAreDeviceMemory) {
    ASSERT_EQ(table.map(0x10'0000, 0x0900'0000, read_write, MemoryType::Device), Status::Ok);
    const Bits bits = bits_of(hardware_walk(table.root(), 0x10'0000).value());
    EXPECT_EQ(bits.attribute, 1U);
    EXPECT_EQ(bits.access, 1U);
    EXPECT_EQ(bits.uxn, 1U);
    (void)table.unmap(0x10'0000);
}

TEST_F(PageTableTest, ProtectChangesPermissionsOnly) {
    ASSERT_EQ(table.map(0x10'0000, 0x7000'0000, read_write), Status::Ok);
    const uint64_t before = hardware_walk(table.root(), 0x10'0000).value();
    ASSERT_EQ(table.protect(0x10'0000, read_execute), Status::Ok);
    const uint64_t between = hardware_walk(table.root(), 0x10'0000).value();
    EXPECT_EQ(bits_of(between).access, 3U);
    EXPECT_EQ(bits_of(between).uxn, 0U);
    EXPECT_EQ(between & output_mask, 0x7000'0000U);
    ASSERT_EQ(table.protect(0x10'0000, read_write), Status::Ok);
    EXPECT_EQ(hardware_walk(table.root(), 0x10'0000).value(), before);
    EXPECT_EQ(table.protect(0x10'1000, read), Status::NotFound);
    EXPECT_EQ(table.protect(0x7000'0000'0000, read), Status::NotFound);
    (void)table.unmap(0x10'0000);
}

TEST_F(PageTableTest, SecondMappingOfAPageIsBusy) {
    ASSERT_EQ(table.map(0x10'0000, 0x7000'0000, read), Status::Ok);
    EXPECT_EQ(table.map(0x10'0000, 0x7000'1000, read_write), Status::Busy);
    EXPECT_EQ(table.walk(0x10'0000).value().frame, 0x7000'0000U);
    EXPECT_EQ(table.walk(0x10'0000).value().protection, read);
    (void)table.unmap(0x10'0000);
}

TEST_F(PageTableTest, KnowsNothingOutsideUserSpace) {
    for (const VirtualAddress bad :
         {abi::user_end, abi::user_end + page, uint64_t{1} << 48, ~uint64_t{0} & ~(page - 1)}) {
        EXPECT_EQ(table.map(bad, 0x7000'0000, read), Status::InvalidArgument);
        EXPECT_EQ(table.walk(bad).status(), Status::NotFound);
        EXPECT_EQ(table.unmap(bad).status(), Status::NotFound);
        EXPECT_EQ(table.protect(bad, read), Status::NotFound);
    }
    EXPECT_EQ(table.table_frames(), 1U);
}

TEST_F(PageTableTest, TakesATableForEachLevelAndSharesThem) {
    EXPECT_EQ(table.table_frames(), 1U);
    std::map<VirtualAddress, Mapping> model;
    const auto map = [&](VirtualAddress address) {
        EXPECT_EQ(table.map(address, 0x7000'0000, read), Status::Ok);
        model[address] = {};
        return table.table_frames();
    };
    EXPECT_EQ(map(0x0020'0000), 4U);
    EXPECT_EQ(map(0x0020'1000), 4U);      // same level-3 table
    EXPECT_EQ(map(0x003f'f000), 4U);      // its last entry
    EXPECT_EQ(map(0x0040'0000), 5U);      // same level-2 table
    EXPECT_EQ(map(0x4000'0000), 7U);      // same level-1 table
    EXPECT_EQ(map(0x80'0000'0000), 10U);  // root only
    EXPECT_EQ(map(abi::user_end - page), 13U);
    EXPECT_EQ(bench.free_count, 512U - 13);
    unmap_all(model);
    EXPECT_EQ(table.table_frames(), 1U);
}

TEST_F(PageTableTest, FreesATableWithItsLastEntry) {
    for (const VirtualAddress at : {0x0020'0000U, 0x0020'1000U, 0x0040'0000U, 0x4000'0000U}) {
        ASSERT_EQ(table.map(at, 0x7000'0000, read), Status::Ok);
    }
    ASSERT_EQ(table.map(0x80'0000'0000, 0x7000'0000, read), Status::Ok);
    EXPECT_EQ(table.table_frames(), 10U);
    const auto unmap = [&](VirtualAddress at) {
        EXPECT_TRUE(table.unmap(at).ok());
        return table.table_frames();
    };
    EXPECT_EQ(unmap(0x0020'0000), 10U);
    EXPECT_EQ(unmap(0x4000'0000), 8U);
    EXPECT_EQ(unmap(0x0020'1000), 7U);
    EXPECT_EQ(unmap(0x80'0000'0000), 4U);
    EXPECT_EQ(unmap(0x0040'0000), 1U);
    EXPECT_EQ(table.missing_tables(0x0040'0000), 3U);
}

TEST_F(PageTableTest, AgreesWithAMapOverRandomAddresses) {
    std::mt19937_64 random(3);
    std::map<VirtualAddress, Mapping> model;
    // Few values a level, so that addresses meet again at every level.
    const auto random_address = [&random] {
        VirtualAddress address = 0;
        for (const unsigned shift : {39U, 30U, 21U, 12U}) {
            constexpr uint64_t indices[] = {0, 1, 255};
            address |= indices[random() % 3] << shift;
        }
        return address;
    };
    constexpr uint32_t protections[] = {read, read_write, read_execute};
    for (unsigned step = 0; step < 60'000; ++step) {
        const VirtualAddress address = random_address();
        const auto known = model.find(address);
        const uint32_t protection = protections[random() % 3];
        switch (random() % 3) {
            case 0: {
                const PhysicalAddress frame = (random() << 12) & output_mask;
                const Status status = table.map(address, frame, protection);
                ASSERT_EQ(status, known == model.end() ? Status::Ok : Status::Busy);
                if (status == Status::Ok) model[address] = {frame, protection, 0};
                break;
            }
            case 1: {
                const Result<Mapping> mapping = table.unmap(address);
                ASSERT_EQ(mapping.ok(), known != model.end());
                if (!mapping.ok()) break;
                ASSERT_EQ(mapping.value().frame, known->second.frame);
                ASSERT_EQ(mapping.value().protection, known->second.protection);
                model.erase(known);
                break;
            }
            default:
                ASSERT_EQ(table.protect(address, protection) == Status::Ok, known != model.end());
                if (known != model.end()) known->second.protection = protection;
                break;
        }
        const VirtualAddress looked_at = random_address();
        const auto expected = model.find(looked_at);
        const Result<Mapping> found = table.walk(looked_at);
        ASSERT_EQ(found.ok(), expected != model.end());
        ASSERT_EQ(hardware_walk(table.root(), looked_at).has_value(), found.ok());
        if (!found.ok()) continue;
        ASSERT_EQ(found.value().frame, expected->second.frame);
        ASSERT_EQ(found.value().protection, expected->second.protection);
    }
    unmap_all(model);
}

TEST_F(PageTableTest, LosesNoTableWhenMemoryRunsOutMidWay) {
    for (uint64_t refused = 1; refused <= 3; ++refused) {
        const VirtualAddress address = (refused << 39) + 0x1000;
        bench.strategy.refuse_from(refused);
        EXPECT_EQ(table.map(address, 0x7000'0000, read), Status::NoMemory);
        EXPECT_EQ(table.walk(address).status(), Status::NotFound);
        // The tables that were found are given back.
        EXPECT_EQ(table.table_frames(), 1U);
        EXPECT_EQ(bench.free_count, 511U);
        bench.strategy.refuse_from(0);
        EXPECT_EQ(table.map(address, 0x7000'0000, read), Status::Ok);
        EXPECT_EQ(table.table_frames(), 4U);
        EXPECT_TRUE(table.unmap(address).ok());
    }
}

TEST(PageTable, WithoutMemoryThereIsNone) {
    FramesBench bench(4);
    bench.strategy.refuse_from(1);
    PageTable table(bench.frames, 5);
    EXPECT_EQ(table.create(), Status::NoMemory);
    EXPECT_EQ(table.walk(0x10'0000).status(), Status::NotFound);
    EXPECT_EQ(table.map(0x10'0000, 0x7000'0000, read), Status::InvalidArgument);
    table.destroy();
    EXPECT_EQ(bench.free_count, 4U);
}

TEST_F(PageTableDeathTest, PanicsWhenDestroyedWithAMapping) {
    ASSERT_EQ(table.map(0x10'0000, 0x7000'0000, read), Status::Ok);
    EXPECT_EXIT(table.destroy(), testing::ExitedWithCode(FakeMachine::halted),
                "assertion: root_entries_ == 0");
    (void)table.unmap(0x10'0000);
}

}  // namespace
}  // namespace kernel
