// SPDX-License-Identifier: Apache-2.0
// Address spaces: what may be mapped where, and how regions are split.
#include "kernel/memory/address_space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernel/memory/objects/anonymous_object.hpp"
#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

using AddressSpaceTest = AddressSpaceBench;
constexpr VirtualAddress base = 0x40'0000;

TEST_F(AddressSpaceTest, MapsZeroedMemoryWhereAsked) {
    ASSERT_EQ(space.map(3 * page, read_write, base).value(), base);
    std::vector<char> bytes(3 * page, 'x');
    ASSERT_EQ(space.read(bytes.data(), base, bytes.size()), Status::Ok);
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; }));
    EXPECT_FALSE(readable(base - 1));
    EXPECT_FALSE(readable(base + 3 * page));
    EXPECT_EQ(space.frames_owned(), 3U + 4);
    expect_balance();
}

TEST_F(AddressSpaceTest, ReusedFramesHoldNothingOfTheirLastOwner) {
    ASSERT_TRUE(space.map(page, read_write, base).ok());
    const uint64_t secret = 0x5ec7e7;
    ASSERT_EQ(space.write(base, &secret, sizeof secret), Status::Ok);
    ASSERT_EQ(space.unmap(base, page), Status::Ok);
    ASSERT_TRUE(space.map(page, read_write, base).ok());
    uint64_t value = 1;
    ASSERT_EQ(space.read(&value, base, sizeof value), Status::Ok);
    EXPECT_EQ(value, 0U);
}

TEST_F(AddressSpaceTest, RefusesProtectionsThatNobodyMayHave) {
    EXPECT_EQ(check_protection(read_only), Status::Ok);
    EXPECT_EQ(check_protection(read_write), Status::Ok);
    EXPECT_EQ(check_protection(read_execute), Status::Ok);
    EXPECT_EQ(check_protection(7), Status::PermissionDenied);
    for (const uint32_t bad : {0U, 2U, 4U, 6U, 8U, 9U, 0xffU, 0xffff'ffffU}) {
        EXPECT_EQ(check_protection(bad), Status::InvalidArgument) << bad;
    }
    EXPECT_EQ(space.map(page, 7, base).status(), Status::PermissionDenied);
    ASSERT_TRUE(space.map(page, read_write, base).ok());
    EXPECT_EQ(space.protect(base, page, 7), Status::PermissionDenied);
    EXPECT_TRUE(writable(base));
}

TEST_F(AddressSpaceTest, RefusesRangesThatAreNone) {
    const auto map = [this](VirtualAddress address, uint64_t size) {
        return space.map(size, read_write, address).status();
    };
    EXPECT_EQ(map(base, 0), Status::InvalidArgument);
    EXPECT_EQ(map(base, 1), Status::InvalidArgument);
    EXPECT_EQ(map(base + 1, page), Status::InvalidArgument);
    EXPECT_EQ(map(page, page), Status::InvalidArgument);
    EXPECT_EQ(map(abi::user_base - page, page), Status::InvalidArgument);
    EXPECT_EQ(map(abi::user_base - page, 2 * page), Status::InvalidArgument);
    EXPECT_EQ(map(abi::user_end, page), Status::InvalidArgument);
    EXPECT_EQ(map(abi::user_end - page, 2 * page), Status::InvalidArgument);
    EXPECT_EQ(map(~uint64_t{0} - page + 1, page), Status::InvalidArgument);
    EXPECT_EQ(map(base, ~uint64_t{0} - page + 1), Status::InvalidArgument);
    EXPECT_EQ(map(0, ~uint64_t{0} - page + 1), Status::InvalidArgument);
    EXPECT_EQ(space.frames_owned(), 1U);
    for (const VirtualAddress bad : {uint64_t{0}, base + 1, abi::user_end, ~uint64_t{0}}) {
        EXPECT_EQ(space.unmap(bad, page), Status::InvalidArgument);
        EXPECT_EQ(space.protect(bad, page, read_only), Status::InvalidArgument);
    }
    for (const uint64_t bad : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}, abi::user_end}) {
        EXPECT_EQ(space.unmap(base, bad), Status::InvalidArgument);
        EXPECT_EQ(space.protect(base, bad, read_only), Status::InvalidArgument);
    }
}

TEST_F(AddressSpaceTest, UsesUserSpaceFromItsFirstPageToItsLast) {
    ASSERT_TRUE(space.map(page, read_write, abi::user_base).ok());
    ASSERT_TRUE(space.map(page, read_write, abi::user_end - page).ok());
    EXPECT_TRUE(writable(abi::user_base));
    EXPECT_TRUE(writable(abi::user_end - 1));
    EXPECT_EQ(space.unmap(abi::user_end - page, page), Status::Ok);
    EXPECT_FALSE(readable(abi::user_end - 1));
}

TEST_F(AddressSpaceTest, OverlapIsBusyOnEverySide) {
    ASSERT_TRUE(space.map(4 * page, read_write, base).ok());
    for (const uint64_t offset : {0U, 1U, 3U}) {
        EXPECT_EQ(space.map(page, read_write, base + offset * page).status(), Status::Busy);
    }
    EXPECT_EQ(space.map(2 * page, read_write, base - page).status(), Status::Busy);
    EXPECT_EQ(space.map(8 * page, read_write, base - 2 * page).status(), Status::Busy);
    EXPECT_EQ(space.map(2 * page, read_write, base + 3 * page).status(), Status::Busy);
    EXPECT_TRUE(space.map(page, read_write, base - page).ok());
    EXPECT_TRUE(space.map(page, read_write, base + 4 * page).ok());
    expect_balance();
}

TEST_F(AddressSpaceTest, UnmapsTheMiddleOfARegion) {
    ASSERT_TRUE(space.map(5 * page, read_write, base).ok());
    touch(base, 5);
    bench.machine.invalidations.clear();
    ASSERT_EQ(space.unmap(base + page, 2 * page), Status::Ok);
    EXPECT_TRUE(writable(base + page - 1));
    EXPECT_FALSE(readable(base + page));
    EXPECT_FALSE(readable(base + 3 * page - 1));
    EXPECT_TRUE(writable(base + 3 * page));
    // Exactly the pages that went are invalidated, for this space.
    ASSERT_EQ(bench.machine.invalidations.size(), 2U);
    EXPECT_EQ(bench.machine.invalidations[0].address, base + page);
    EXPECT_EQ(bench.machine.invalidations[1].address, base + 2 * page);
    EXPECT_EQ(bench.machine.invalidations[1].asid, asid);
    expect_balance();
}

TEST_F(AddressSpaceTest, UnmapsAcrossRegionsOrNotAtAll) {
    ASSERT_TRUE(space.map(2 * page, read_write, base).ok());
    ASSERT_TRUE(space.map(2 * page, read_only, base + 2 * page).ok());
    ASSERT_TRUE(space.map(2 * page, read_write, base + 5 * page).ok());
    EXPECT_EQ(space.unmap(base + page, 5 * page), Status::NotFound);  // over the hole
    EXPECT_EQ(space.unmap(base - page, 2 * page), Status::NotFound);
    EXPECT_TRUE(readable(base + page));
    EXPECT_TRUE(readable(base + 3 * page));
    EXPECT_EQ(space.unmap(base + page, 2 * page), Status::Ok);
    EXPECT_TRUE(readable(base));
    EXPECT_FALSE(readable(base + page));
    EXPECT_FALSE(readable(base + 2 * page));
    EXPECT_TRUE(readable(base + 3 * page));
}

TEST_F(AddressSpaceTest, ProtectsPartOfARegion) {
    ASSERT_TRUE(space.map(4 * page, read_write, base).ok());
    touch(base, 4);
    bench.machine.invalidations.clear();
    ASSERT_EQ(space.protect(base + page, 2 * page, read_only), Status::Ok);
    EXPECT_TRUE(writable(base));
    EXPECT_FALSE(writable(base + page));
    EXPECT_FALSE(writable(base + 2 * page));
    EXPECT_TRUE(readable(base + 2 * page));
    EXPECT_TRUE(writable(base + 3 * page));
    EXPECT_GE(bench.machine.invalidations.size(), 2U);
    EXPECT_EQ(space.protect(base, 5 * page, read_only), Status::NotFound);
    EXPECT_TRUE(writable(base));
    expect_balance();
}

TEST_F(AddressSpaceTest, CodeIsSynchronisedWhenItIsFirstExecuted) {
    ASSERT_TRUE(space.map(2 * page, read_write, base).ok());
    touch(base, 2);
    ASSERT_EQ(space.protect(base, page, read_execute), Status::Ok);
    EXPECT_TRUE(bench.machine.code.empty());
    EXPECT_EQ(space.fault(base, abi::ProtectionWrite), Status::BadAddress);
    ASSERT_EQ(space.fault(base + 8, abi::ProtectionExecute), Status::Ok);
    EXPECT_EQ(bench.machine.code.size(), 1U);
    ASSERT_TRUE(space.map(2 * page, read_execute, base + 4 * page).ok());
    EXPECT_EQ(bench.machine.code.size(), 1U);
    ASSERT_EQ(space.fault(base + 4 * page, abi::ProtectionExecute), Status::Ok);
    ASSERT_EQ(space.fault(base + 5 * page, abi::ProtectionRead), Status::Ok);
    EXPECT_EQ(bench.machine.code.size(), 3U);
}

TEST_F(AddressSpaceTest, NothingIsThereBeforeItIsTouched) {
    ASSERT_TRUE(space.map(100 * page, read_write, base).ok());
    EXPECT_EQ(space.frames_owned(), 1U);
    EXPECT_TRUE(readable(base + 50 * page));
    EXPECT_EQ(space.frames_owned(), 1U + 3 + 1);
    EXPECT_EQ(bench.events[0].faults_zero, 1U);
    EXPECT_TRUE(writable(base + 50 * page));
    EXPECT_EQ(bench.events[0].faults_zero, 1U);
    // What is read first is already there for writing.
    EXPECT_EQ(bench.events[0].faults_present, 0U);
    ASSERT_EQ(space.populate(base, 100 * page), Status::Ok);
    EXPECT_EQ(space.frames_owned(), 1U + 3 + 100);
    expect_balance();
}

TEST_F(AddressSpaceTest, FaultsAreForTheProgramsOwnRights) {
    ASSERT_TRUE(space.map(page, read_only, base).ok());
    EXPECT_EQ(space.fault(base, abi::ProtectionWrite), Status::BadAddress);
    EXPECT_EQ(space.fault(base, abi::ProtectionExecute), Status::BadAddress);
    EXPECT_EQ(space.fault(base + 100, abi::ProtectionRead), Status::Ok);
    EXPECT_EQ(space.fault(base + page, abi::ProtectionRead), Status::BadAddress);
    for (const VirtualAddress bad : {uint64_t{0}, abi::user_end, ~uint64_t{0}}) {
        EXPECT_EQ(space.fault(bad, abi::ProtectionRead), Status::BadAddress);
    }
    // A fault that somebody else has already resolved, or that came of a stale entry.
    EXPECT_EQ(space.fault(base + 100, abi::ProtectionRead), Status::Ok);
    EXPECT_EQ(bench.events[0].faults_zero, 1U);
}

TEST_F(AddressSpaceTest, OvercommittedMemoryCountsWhenItIsTouched) {
    const MapRequest request{.size = 2 * frame_limit * page,
                             .protection = read_write,
                             .flags = abi::MapOvercommit,
                             .address = base};
    ASSERT_TRUE(space.map(request).ok());
    VirtualAddress at = base;
    while (writable(at)) at += page;
    EXPECT_LE(space.frames_owned(), frame_limit);
    EXPECT_GT(space.frames_owned(), frame_limit - 8);
    EXPECT_EQ(space.fault(at, abi::ProtectionWrite), Status::LimitReached);
    ASSERT_EQ(space.discard(base, 10 * page), Status::Ok);
    EXPECT_EQ(space.fault(at, abi::ProtectionWrite), Status::Ok);
    EXPECT_TRUE(readable(base));
    expect_balance();
}

TEST_F(AddressSpaceTest, DiscardedPagesAreZeroAgain) {
    ASSERT_TRUE(space.map(4 * page, read_write, base).ok());
    const uint64_t secret = 0x5ec7e7;
    for (unsigned i = 0; i < 4; ++i) {
        ASSERT_EQ(space.write(base + i * page, &secret, sizeof secret), Status::Ok);
    }
    const uint64_t before = space.frames_owned();
    ASSERT_EQ(space.discard(base + page, 2 * page), Status::Ok);
    EXPECT_EQ(space.frames_owned(), before - 2);
    for (unsigned i = 0; i < 4; ++i) {
        uint64_t value = 1;
        ASSERT_EQ(space.read(&value, base + i * page, sizeof value), Status::Ok);
        EXPECT_EQ(value, i == 1 || i == 2 ? 0 : secret);
    }
    EXPECT_EQ(space.discard(base, 5 * page), Status::NotFound);
}

// Who discards here and there must not run out of regions.
TEST_F(AddressSpaceTest, DiscardLeavesRegionsWhole) {
    constexpr uint64_t count = 2 * AddressSpace::max_regions;
    ASSERT_TRUE(space.map(count * page, read_write, base).ok());
    ASSERT_EQ(space.populate(base, count * page), Status::Ok);
    const uint64_t before = space.frames_owned();
    for (uint64_t i = 1; i < count; i += 2) {
        ASSERT_EQ(space.discard(base + i * page, page), Status::Ok) << i;
    }
    EXPECT_EQ(space.frames_owned(), before - count / 2);
    unsigned regions = 0;
    space.for_each_region([&](const Region&) { ++regions; });
    EXPECT_EQ(regions, 1U);
    EXPECT_TRUE(space.map(page, read_write, 0).ok());
    expect_balance();
}

TEST_F(AddressSpaceTest, ACopyIsMadePageByPageAsItIsWrittenTo) {
    ASSERT_TRUE(space.map(8 * page, read_write, base).ok());
    for (uint64_t i = 0; i < 6; ++i) {
        ASSERT_EQ(space.write(base + i * page, &i, sizeof i), Status::Ok);
    }
    const uint64_t free_before = bench.free_count;
    const VirtualAddress copy = space.copy(base + page, 6 * page).value();
    EXPECT_GE(bench.free_count + 4, free_before);  // nodes and tables, no pages
    abi::PageInfo info{};
    ASSERT_EQ(space.query(copy, info), Status::Ok);
    EXPECT_EQ(info.shares, 2U);
    EXPECT_EQ(info.region_size, 6 * page);
    ASSERT_EQ(space.query(base + page, info), Status::Ok);
    EXPECT_EQ(info.shares, 2U);
    EXPECT_EQ(info.mapped, read_only);
    const uint64_t mine = 77;
    const uint64_t theirs = 88;
    ASSERT_EQ(space.write(copy, &mine, sizeof mine), Status::Ok);
    ASSERT_EQ(space.write(base + 2 * page, &theirs, sizeof theirs), Status::Ok);
    EXPECT_EQ(bench.events[0].faults_copy, 2U);
    uint64_t value = 0;
    const auto at = [&](VirtualAddress address) {
        EXPECT_EQ(space.read(&value, address, sizeof value), Status::Ok);
        return value;
    };
    EXPECT_EQ(at(base + page), 1U);
    EXPECT_EQ(at(copy), 77U);
    EXPECT_EQ(at(base + 2 * page), 88U);
    EXPECT_EQ(at(copy + page), 2U);
    EXPECT_EQ(at(copy + 5 * page), 0U);
    // The last one to refer to a frame takes it over.
    ASSERT_EQ(space.query(base + page, info), Status::Ok);
    EXPECT_EQ(info.shares, 1U);
    ASSERT_EQ(space.write(base + page, &mine, sizeof mine), Status::Ok);
    EXPECT_EQ(bench.events[0].faults_copy, 2U);
    EXPECT_EQ(space.unmap(copy, 6 * page), Status::Ok);
    EXPECT_EQ(at(base + 3 * page), 3U);
}

TEST_F(AddressSpaceTest, FindsHolesWithAPageBetweenRegions) {
    const VirtualAddress first = space.map(2 * page, read_write, 0).value();
    const VirtualAddress second = space.map(page, read_write, 0).value();
    const VirtualAddress third = space.map(page, read_write, 0).value();
    EXPECT_EQ(first % page, 0U);
    EXPECT_EQ(second, first + 3 * page);
    EXPECT_EQ(third, second + 2 * page);
    // What was freed is used again when it is large enough, with the page that stays free.
    ASSERT_EQ(space.unmap(second, page), Status::Ok);
    EXPECT_EQ(space.map(page, read_write, 0).value(), second);
    ASSERT_EQ(space.unmap(second, page), Status::Ok);
    EXPECT_EQ(space.map(2 * page, read_write, 0).value(), third + 2 * page);
}

TEST_F(AddressSpaceTest, FindsNoHoleThatIsTooLarge) {
    AddressSpace rich(bench.memory, asid, ~uint64_t{0});
    ASSERT_EQ(rich.create(), Status::Ok);
    EXPECT_EQ(rich.map(abi::user_end - page, read_write, 0).status(), Status::LimitReached);
    // A region at the very top leaves the space below it to be found.
    ASSERT_TRUE(rich.map(page, read_write, abi::user_end - page).ok());
    EXPECT_TRUE(rich.map(page, read_write, 0).ok());
    rich.destroy();
}

TEST_F(AddressSpaceTest, KeepsWithinTheFrameLimit) {
    EXPECT_EQ(space.map((frame_limit + 1) * page, read_write, base).status(), Status::LimitReached);
    // Tables count too: they make the last pages fail, and all is undone.
    EXPECT_EQ(space.map((frame_limit - 1) * page, read_write, base).status(), Status::LimitReached);
    EXPECT_FALSE(readable(base));
    expect_balance();
    ASSERT_TRUE(space.map((frame_limit - 6) * page, read_write, base).ok());
    EXPECT_LE(space.frames_owned(), frame_limit);
    EXPECT_EQ(space.map(16 * page, read_write, 0).status(), Status::LimitReached);
    EXPECT_LE(space.frames_owned(), frame_limit);
    expect_balance();
}

TEST_F(AddressSpaceTest, TablesDoNotPassTheFrameLimit) {
    ASSERT_TRUE(space.map((frame_limit - 7) * page, read_write, base).ok());
    ASSERT_LT(space.frames_owned(), frame_limit);
    // One page in an empty part of the space needs three tables more.
    EXPECT_EQ(space.map(page, read_write, 0x7000'0000'0000).status(), Status::LimitReached);
    EXPECT_LE(space.frames_owned(), frame_limit);
    expect_balance();
}

TEST_F(AddressSpaceTest, KeepsWithinTheRegionLimit) {
    for (unsigned i = 0; i < AddressSpace::max_regions - 1; ++i) {
        ASSERT_TRUE(space.map(page, read_write, base + 4 * i * page).ok());
    }
    const VirtualAddress last = base + 4 * AddressSpace::max_regions * page;
    ASSERT_TRUE(space.map(4 * page, read_write, last).ok());
    EXPECT_EQ(space.map(page, read_write, base + 2 * page).status(), Status::LimitReached);
    EXPECT_EQ(space.map(page, read_write, 0).status(), Status::LimitReached);
    // A split would be one more.
    EXPECT_EQ(space.unmap(last + page, page), Status::LimitReached);
    EXPECT_EQ(space.protect(last + page, page, read_only), Status::LimitReached);
    EXPECT_TRUE(writable(last + page));
    EXPECT_EQ(space.unmap(base, page), Status::Ok);
    EXPECT_EQ(space.unmap(last, page), Status::Ok);
    expect_balance();
}

// Borders that protecting made never went again, and 192 regions were soon used up.
TEST_F(AddressSpaceTest, ProtectingPageByPageUsesUpNoRegions) {
    constexpr unsigned pages = 400;
    ASSERT_TRUE(space.map(pages * page, read_write, base).ok());
    for (unsigned i = 0; i < pages; ++i) {
        ASSERT_EQ(space.protect(base + i * page, page, read_only), Status::Ok) << i;
        ASSERT_EQ(regions(), i + 1 < pages ? 2U : 1U);
    }
    for (unsigned i = 0; i < 90; ++i) {
        ASSERT_EQ(space.protect(base + 2 * i * page, page, read_write), Status::Ok);
    }
    EXPECT_EQ(regions(), 180U);
    EXPECT_TRUE(writable(base) && !writable(base + page) && writable(base + 2 * page));
    ASSERT_EQ(space.protect(base, pages * page, read_write), Status::Ok);
    EXPECT_EQ(regions(), 1U);
    EXPECT_TRUE(writable(base + page));
    ASSERT_EQ(space.unmap(base + 7 * page, page), Status::Ok);
    EXPECT_EQ(regions(), 2U);
    expect_balance();
}

TEST_F(AddressSpaceTest, PartsOfOneObjectSideBySideAreOneRegion) {
    MemoryObject* object = AnonymousObject::create(bench.memory, 8, nullptr).value();
    const uint32_t handle = space.hold(*object).value();
    const auto show = [&](uint64_t place, uint64_t offset, uint64_t pages, uint32_t protection,
                          uint32_t allowed) {
        object->reference();
        ASSERT_TRUE(space
                        .map(MapRequest{
                            .size = pages * page,
                            .protection = protection,
                            .allowed = allowed,
                            .address = base + place * page,
                            .object = object,
                            .offset = offset,
                            .handle = handle,
                        })
                        .ok());
    };
    show(0, 0, 2, read_write, read_write);
    show(4, 4, 2, read_write, read_write);
    EXPECT_EQ(regions(), 2U);
    show(2, 2, 2, read_write, read_write);
    EXPECT_EQ(regions(), 1U);
    show(6, 5, 1, read_write, read_write);  // not the page that follows
    show(7, 6, 1, read_only, read_write);   // not the same protection
    show(8, 7, 1, read_only, read_only);    // which may not become more
    EXPECT_EQ(regions(), 4U);
    const uint64_t value = 4711;
    uint64_t seen = 0;
    ASSERT_EQ(space.write(base + 5 * page, &value, sizeof value), Status::Ok);
    ASSERT_EQ(space.read(&seen, base + 6 * page, sizeof seen), Status::Ok);
    EXPECT_EQ(seen, value);
    // The handle stands for the object until the last region is gone.
    ASSERT_EQ(space.close(handle), Status::Ok);
    ASSERT_EQ(space.unmap(base, 9 * page), Status::Ok);
    EXPECT_FALSE(space.held(handle).ok());
    expect_balance();
}

TEST_F(AddressSpaceTest, ATaskThatEndsCopiesNoFurther) {
    ASSERT_TRUE(space.map(40 * page, read_write, base).ok());
    touch(base, 40);
    space.stop();
    EXPECT_EQ(space.copy(base, 40 * page).status(), Status::Busy);
    expect_balance();
}

TEST_F(AddressSpaceTest, BorrowedMemoryIsNeitherOwnedNorFreed) {
    FakeMachine::memory(foreign)[page + 1] = 'b';
    const VirtualAddress at = space.map_borrowed(foreign, 3 * page + 5, read_only).value();
    touch(at, 4);
    EXPECT_EQ(space.frames_owned(), 4U);  // tables only
    char byte = 0;
    ASSERT_EQ(space.read(&byte, at + page + 1, 1), Status::Ok);
    EXPECT_EQ(byte, 'b');
    EXPECT_TRUE(readable(at + 4 * page - 1));
    EXPECT_FALSE(writable(at));
    EXPECT_EQ(space.protect(at, page, read_write), Status::PermissionDenied);
    EXPECT_EQ(space.protect(at, page, read_only), Status::PermissionDenied);
    EXPECT_EQ(space.unmap(at + page, page), Status::Ok);
    EXPECT_FALSE(readable(at + page));
    expect_balance();
    // The rest goes with the space, which would panic if it freed what is not its own.
}

TEST_F(AddressSpaceTest, ActivatesAndInvalidatesItsOwnSpace) {
    space.activate();
    EXPECT_NE(bench.machine.user_root, 0U);
    EXPECT_EQ(bench.machine.user_asid, asid);
    AddressSpace other(bench.memory, 9, frame_limit);
    ASSERT_EQ(other.create(), Status::Ok);
    bench.machine.dead_spaces.clear();
    other.destroy();
    EXPECT_EQ(bench.machine.dead_spaces, std::vector<uint16_t>{9});
}

}  // namespace
}  // namespace kernel
