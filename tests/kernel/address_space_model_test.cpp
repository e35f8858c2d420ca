// SPDX-License-Identifier: Apache-2.0
// An address space agrees with a map of pages over random use, contents included.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/kernel/address_space_bench.hpp"

namespace kernel {
namespace {

constexpr unsigned window = 40;  // pages; at most as many regions, so that the limit is not met
// Across a 1 GiB border, so that two tables of levels 2 and 3 are in use.
constexpr VirtualAddress base = 0x4000'0000 - 20 * hal::page_size;

struct Page {
    uint32_t protection;
    uint64_t tag;
};

struct AddressSpaceModelTest : AddressSpaceBench {
    struct Range {
        unsigned begin, end;
    };
    Range random_range() {
        const auto begin = static_cast<unsigned>(random() % window);
        const auto size = static_cast<unsigned>(1 + random() % 8);
        return {begin, begin + size < window ? begin + size : window};
    }
    [[nodiscard]] unsigned present(Range range) const {
        unsigned count = 0;
        for (unsigned i = range.begin; i < range.end; ++i) count += model.count(i) != 0 ? 1 : 0;
        return count;
    }
    static VirtualAddress address(unsigned index) { return base + index * page; }
    static uint64_t size(Range range) { return (range.end - range.begin) * page; }

    void map(Range range, uint32_t protection) {
        const Result<VirtualAddress> got = space.map(size(range), protection, address(range.begin));
        ASSERT_EQ(got.status(), present(range) == 0 ? Status::Ok : Status::Busy);
        if (!got.ok()) return;
        for (unsigned i = range.begin; i < range.end; ++i) {
            const uint64_t tag = random();
            ASSERT_EQ(space.load(address(i) + 64, &tag, sizeof tag), Status::Ok);
            model[i] = {protection, tag};
        }
    }
    void unmap(Range range) {
        const bool covered = present(range) == range.end - range.begin;
        ASSERT_EQ(space.unmap(address(range.begin), size(range)),
                  covered ? Status::Ok : Status::NotFound);
        if (!covered) return;
        for (unsigned i = range.begin; i < range.end; ++i) model.erase(i);
    }
    void protect(Range range, uint32_t protection) {
        const bool covered = present(range) == range.end - range.begin;
        ASSERT_EQ(space.protect(address(range.begin), size(range), protection),
                  covered ? Status::Ok : Status::NotFound);
        if (!covered) return;
        for (unsigned i = range.begin; i < range.end; ++i) model[i].protection = protection;
    }
    void compare() {
        for (unsigned i = 0; i < window; ++i) {
            const auto known = model.find(i);
            uint64_t tag = 0;
            const Status status = space.read(&tag, address(i) + 64, sizeof tag);
            ASSERT_EQ(status == Status::Ok, known != model.end());
            const bool writes =
                known != model.end() && (known->second.protection & abi::ProtectionWrite) != 0;
            ASSERT_EQ(writable(address(i)), writes);
            if (known != model.end()) {
                ASSERT_EQ(tag, known->second.tag);
            }
        }
        // Frames: the pages, and tables that stay until the end (the root, and both sides of a 1
        // GiB border below it).
        ASSERT_LE(space.frames_owned(), model.size() + 6);
        ASSERT_GE(space.frames_owned(), model.size() + 1);
        expect_balance();
    }

    std::mt19937_64 random{4};
    std::map<unsigned, Page> model;
};

TEST_F(AddressSpaceModelTest, AgreesWithAMapOfPages) {
    constexpr uint32_t protections[] = {read_only, read_write, read_execute};
    for (unsigned step = 0; step < 8'000; ++step) {
        const Range range = random_range();
        const uint32_t protection = protections[random() % 3];
        switch (random() % 4) {
            case 0:
            case 1: map(range, protection); break;
            case 2: unmap(range); break;
            default: protect(range, protection); break;
        }
        if (HasFatalFailure()) FAIL() << "step " << step;
        if (step % 8 != 0) continue;
        compare();
        if (HasFatalFailure()) FAIL() << "step " << step;
    }
}

TEST_F(AddressSpaceModelTest, PlacesRegionsOfItsChoiceWithoutOverlap) {
    std::map<VirtualAddress, uint64_t> regions;
    for (unsigned step = 0; step < 3'000; ++step) {
        if (regions.size() < 60 && random() % 5 < 3) {
            const uint64_t bytes = (1 + random() % 6) * page;
            const Result<VirtualAddress> at = space.map(bytes, read_write, 0);
            ASSERT_TRUE(at.ok());
            // The kernel's places are a page apart on both sides.
            const auto after = regions.lower_bound(at.value());
            if (after != regions.end()) {
                ASSERT_GE(after->first, at.value() + bytes + page);
            }
            if (after != regions.begin()) {
                const auto before = std::prev(after);
                ASSERT_LE(before->first + before->second + page, at.value());
            }
            regions[at.value()] = bytes;
        } else if (!regions.empty()) {
            const auto victim =
                std::next(regions.begin(), static_cast<std::ptrdiff_t>(random() % regions.size()));
            ASSERT_EQ(space.unmap(victim->first, victim->second), Status::Ok);
            regions.erase(victim);
        }
    }
}

}  // namespace
}  // namespace kernel
