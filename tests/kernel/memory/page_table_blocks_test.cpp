// SPDX-License-Identifier: Apache-2.0
// User page tables with blocks of 2 MiB, in front of TLBs that forget nothing they are not told to.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>

#include "kernel/abi/syscall.hpp"
#include "kernel/memory/page_table.hpp"
#include "tests/kernel/frames_bench.hpp"

namespace kernel {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr uint64_t output_mask = 0x0000'ffff'ffff'f000;
constexpr uint32_t read = abi::ProtectionRead;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint32_t protections[] = {read, read_write, abi::ProtectionRead | abi::ProtectionExecute};
constexpr uint16_t asid = 5;
constexpr PhysicalAddress block = 0x1'0020'0000;  // an aligned one that nobody looks into

uint64_t entry_of(PhysicalAddress table, uint64_t index) {
    return reinterpret_cast<const uint64_t*>(FakeMachine::memory(table))[index];
}

// What hardware finds for a page: its own frame and bits, and the last table on the way.
struct Walked {
    uint64_t frame;
    uint64_t attributes;
    bool is_block;
    PhysicalAddress table;
    bool operator==(const Walked&) const = default;
};

std::optional<Walked> hardware_walk(PhysicalAddress root, VirtualAddress address) {
    PhysicalAddress table = root;
    for (const unsigned shift : {39U, 30U, 21U, 12U}) {
        const uint64_t entry = entry_of(table, address >> shift & 511);
        if ((entry & 1) == 0) return std::nullopt;
        if (shift == 12 || (entry & 2) == 0) {
            const uint64_t within = address & ((uint64_t{1} << shift) - 1) & output_mask;
            return Walked{(entry & output_mask) + within, entry & ~output_mask & ~3ULL, shift == 21,
                          table};
        }
        table = entry & output_mask;
    }
    return std::nullopt;
}

// The table of level 3 for an address; 0 when there is none.
PhysicalAddress table_of(PhysicalAddress root, VirtualAddress address) {
    PhysicalAddress table = root;
    for (const unsigned shift : {39U, 30U, 21U}) {
        const uint64_t entry = entry_of(table, address >> shift & 511);
        if ((entry & 3) != 3) return 0;
        table = entry & output_mask;
    }
    return table;
}

// A TLB and its walk cache, which have looked at everything, and keep all that they are not told
// to forget.
class Tlb {
  public:
    void look_at(PhysicalAddress root, VirtualAddress begin, VirtualAddress end) {
        for (VirtualAddress at = begin; at < end; at += page) {
            const auto walked = hardware_walk(root, at);
            if (!walked) continue;
            pages_[at] = *walked;
            if (!walked->is_block) tables_[at / block_size] = walked->table;
        }
    }
    void forget(const FakeMachine& machine) {
        if (!machine.dead_spaces.empty()) {
            pages_.clear();
            tables_.clear();
        }
        for (const FakeMachine::Invalidation& gone : machine.invalidations) {
            EXPECT_EQ(gone.asid, asid);
            forget_page(gone.address & ~(page - 1));
            tables_.erase(gone.address / block_size);
        }
    }
    // Nothing it knows is wrong.
    void expect_true(PhysicalAddress root) {
        for (const auto& [at, walked] : pages_) {
            const auto now = hardware_walk(root, at);
            ASSERT_TRUE(now.has_value()) << std::hex << at;
            ASSERT_TRUE(*now == walked) << std::hex << at;
        }
        for (const auto& [at, table] : tables_) {
            ASSERT_EQ(table_of(root, at * block_size), table) << std::hex << at;
        }
    }

  private:
    void forget_page(VirtualAddress address) {
        const auto known = pages_.find(address);
        if (known == pages_.end()) return;
        if (!known->second.is_block) {
            pages_.erase(known);
            return;
        }
        const VirtualAddress begin = address & ~(block_size - 1);
        pages_.erase(pages_.lower_bound(begin), pages_.lower_bound(begin + block_size));
    }

    std::map<VirtualAddress, Walked> pages_;
    std::map<uint64_t, PhysicalAddress> tables_;  // walk cache: of level 3, by block of addresses
};

struct PageTableBlocksTest : testing::Test {
    static constexpr VirtualAddress base = 0x4000'0000;

    void SetUp() override { ASSERT_EQ(table.create(), Status::Ok); }
    void TearDown() override {
        for (VirtualAddress at = base; at < base + 4 * block_size;) {
            RemovedMapping removed[PageTable::batch];
            (void)table.unmap_range(at, base + 4 * block_size, removed);
        }
        EXPECT_EQ(table.table_frames(), 1U);
        table.destroy();
        EXPECT_EQ(bench.free_count, 512U);
    }

    FramesBench bench{512};
    PageTable table{bench.frames, asid};
};

TEST_F(PageTableBlocksTest, ABlockIsOneEntryOfLevelTwo) {
    EXPECT_EQ(table.missing_tables(base, huge_order), 2U);
    ASSERT_EQ(table.map_block(base, block, read_write), Status::Ok);
    EXPECT_EQ(table.table_frames(), 3U);
    const auto walked = hardware_walk(table.root(), base + 0x5'3000).value();
    EXPECT_TRUE(walked.is_block);
    EXPECT_EQ(walked.frame, block + 0x5'3000);
    const Mapping mapping = table.walk(base + 0x5'3456).value();
    EXPECT_EQ(mapping.frame, block + 0x5'3000);
    EXPECT_EQ(mapping.protection, read_write);
    EXPECT_EQ(mapping.order, huge_order);
    EXPECT_EQ(table.map(base + 0x5'3000, block, read), Status::Busy);
    EXPECT_EQ(table.map_block(base, block, read), Status::Busy);
    EXPECT_EQ(table.missing_tables(base), 1U);
    EXPECT_EQ(table.missing_tables(base, huge_order), 0U);

    EXPECT_EQ(table.unmap(base + page).status(), Status::InvalidArgument);
    EXPECT_EQ(table.protect(base + page, read), Status::InvalidArgument);
    EXPECT_EQ(table.replace(base, block, read).status(), Status::InvalidArgument);
    EXPECT_EQ(table.join(base), Status::NotFound);
    const Mapping gone = table.unmap(base).value();
    EXPECT_EQ(gone.frame, block);
    EXPECT_EQ(gone.order, huge_order);
    EXPECT_EQ(table.table_frames(), 1U);
}

TEST_F(PageTableBlocksTest, BlocksAreAlignedAndAlone) {
    EXPECT_EQ(table.map_block(base + page, block, read), Status::InvalidArgument);
    EXPECT_EQ(table.map_block(base, block + page, read), Status::InvalidArgument);
    EXPECT_EQ(table.map_block(abi::user_end, block, read), Status::InvalidArgument);
    ASSERT_EQ(table.map(base + 7 * page, block, read), Status::Ok);
    EXPECT_EQ(table.map_block(base, block, read), Status::Busy);
    EXPECT_EQ(table.split_block(base), Status::NotFound);
    EXPECT_EQ(table.split_block(base + block_size), Status::NotFound);
    // The table goes with its last page, and leaves room.
    ASSERT_TRUE(table.unmap(base + 7 * page).ok());
    EXPECT_EQ(table.map_block(base, block, read), Status::Ok);
}

TEST_F(PageTableBlocksTest, PagesOfASplitBlockAreItsFrames) {
    ASSERT_EQ(table.map_block(base, block, read_write), Status::Ok);
    bench.machine.on_invalidation = [&] {
        // Broken before it is made.
        EXPECT_FALSE(hardware_walk(table.root(), base).has_value());
    };
    const uint64_t attributes = hardware_walk(table.root(), base)->attributes;
    bench.strategy.refuse_from(1);
    EXPECT_EQ(table.split_block(base), Status::NoMemory);
    EXPECT_EQ(table.walk(base).value().order, huge_order);
    bench.strategy.refuse_from(0);
    ASSERT_EQ(table.split_block(base + 9 * page), Status::Ok);
    EXPECT_EQ(table.table_frames(), 4U);
    EXPECT_FALSE(bench.machine.invalidations.empty());
    for (uint64_t i = 0; i < 512; ++i) {
        const auto walked = hardware_walk(table.root(), base + i * page).value();
        ASSERT_EQ(walked.frame, block + i * page);
        ASSERT_EQ(walked.attributes, attributes);
        ASSERT_FALSE(walked.is_block);
    }
    ASSERT_EQ(table.join(base + 3 * page), Status::Ok);
    EXPECT_EQ(table.table_frames(), 3U);
    EXPECT_TRUE(hardware_walk(table.root(), base)->is_block);
    EXPECT_EQ(hardware_walk(table.root(), base)->attributes, attributes);
    bench.machine.on_invalidation = nullptr;
}

TEST_F(PageTableBlocksTest, OnlyWhatIsABlockIsJoined) {
    ASSERT_EQ(table.map_block(base, block, read_write), Status::Ok);
    ASSERT_EQ(table.split_block(base), Status::Ok);
    ASSERT_EQ(table.protect(base + 100 * page, read), Status::Ok);
    EXPECT_EQ(table.join(base), Status::InvalidArgument);
    ASSERT_EQ(table.protect(base + 100 * page, read_write), Status::Ok);
    EXPECT_EQ(table.replace(base + 100 * page, block, read_write).value().frame,
              block + 100 * page);
    EXPECT_EQ(table.join(base), Status::InvalidArgument);
    ASSERT_TRUE(table.unmap(base + 100 * page).ok());
    EXPECT_EQ(table.join(base), Status::NotFound);
    ASSERT_EQ(table.map(base + 100 * page, block + 100 * page, read_write), Status::Ok);
    EXPECT_EQ(table.join(base), Status::Ok);
    // Frames in order that are no aligned block.
    for (uint64_t i = 0; i < 512; ++i) {
        ASSERT_EQ(table.map(base + block_size + i * page, block + (i + 1) * page, read),
                  Status::Ok);
    }
    EXPECT_EQ(table.join(base + block_size), Status::InvalidArgument);
}

TEST_F(PageTableBlocksTest, ReplaceBreaksBeforeItMakes) {
    ASSERT_EQ(table.map(base, 0x7000'0000, read), Status::Ok);
    unsigned seen = 0;
    bench.machine.on_invalidation = [&] {
        ++seen;
        EXPECT_FALSE(hardware_walk(table.root(), base).has_value());
    };
    const Mapping old = table.replace(base, 0x7000'1000, read_write).value();
    bench.machine.on_invalidation = nullptr;
    EXPECT_EQ(seen, 1U);
    EXPECT_EQ(old.frame, 0x7000'0000U);
    EXPECT_EQ(old.protection, read);
    EXPECT_EQ(table.walk(base).value().frame, 0x7000'1000U);
    EXPECT_EQ(table.walk(base).value().protection, read_write);
    EXPECT_EQ(table.replace(base + page, block, read).status(), Status::NotFound);
}

TEST_F(PageTableBlocksTest, ARangeIsInvalidatedInBatches) {
    for (uint64_t i = 0; i < 40; ++i) {
        ASSERT_EQ(table.map(base + 3 * i * page, block + i * page, read_write), Status::Ok);
    }
    ASSERT_EQ(table.map_block(base + 2 * block_size, block, read_write), Status::Ok);
    VirtualAddress at = base;
    const VirtualAddress end = base + 4 * block_size;
    unsigned count = 0;
    while (at < end) count += table.restrict_range(at, end, read);
    EXPECT_EQ(count, 41U);
    EXPECT_EQ(table.walk(base + 3 * page).value().protection, read);
    EXPECT_EQ(table.walk(base + 2 * block_size).value().protection, read);

    at = base;
    std::vector<RemovedMapping> all;
    while (at < end) {
        RemovedMapping removed[PageTable::batch];
        const unsigned found = table.unmap_range(at, end, removed);
        ASSERT_LE(found, PageTable::batch);
        all.insert(all.end(), removed, removed + found);
    }
    ASSERT_EQ(all.size(), 41U);
    for (uint64_t i = 0; i < 40; ++i) {
        EXPECT_EQ(all[i].address, base + 3 * i * page);
        EXPECT_EQ(all[i].mapping.frame, block + i * page);
    }
    EXPECT_EQ(all[40].mapping.order, huge_order);
    EXPECT_EQ(table.table_frames(), 1U);
    EXPECT_EQ(bench.machine.invalidations.size(), 82U);
}

TEST_F(PageTableBlocksTest, ARetiredTableInvalidatesNothingMore) {
    ASSERT_EQ(table.map(base, block, read), Status::Ok);
    table.retire();
    EXPECT_EQ(bench.machine.dead_spaces, std::vector<uint16_t>{asid});
    ASSERT_TRUE(table.unmap(base).ok());
    EXPECT_TRUE(bench.machine.invalidations.empty());
    EXPECT_EQ(bench.machine.dead_spaces.size(), 1U);
}

// Every kind of change in any order over a few blocks, against a map of pages; and a TLB that knows
// everything before each change knows nothing wrong after it.
TEST_F(PageTableBlocksTest, NoTlbEverKnowsAnythingWrong) {
    std::mt19937_64 random(11);
    struct Known {
        PhysicalAddress frame;
        uint32_t protection;
        bool is_block;
    };
    std::map<VirtualAddress, Known> model;
    const VirtualAddress end = base + 4 * block_size;
    const auto block_at = [&](VirtualAddress at) {
        const auto known = model.find(at & ~(block_size - 1));
        return known != model.end() && known->second.is_block;
    };
    const auto fill = [&](VirtualAddress at, PhysicalAddress frame, uint32_t protection,
                          bool is_block) {
        for (uint64_t i = 0; i < 512; ++i) {
            model[at + i * page] = {frame + i * page, protection, is_block};
        }
    };
    unsigned joined = 0;
    for (unsigned step = 0; step < 1'500; ++step) {
        Tlb tlb;
        tlb.look_at(table.root(), base, end);
        bench.machine.invalidations.clear();
        bench.machine.dead_spaces.clear();

        const VirtualAddress in_block = base + random() % 4 * block_size;
        // Few pages, so that they are met again; sometimes the last one.
        const VirtualAddress at = in_block + (random() % 8 == 0 ? 511 : random() % 6) * page;
        const uint32_t protection = protections[random() % 3];
        const auto known = model.find(at);
        switch (random() % 9) {
            case 0: {
                const PhysicalAddress frame = block + random() % 4096 * page;
                const Status status = table.map(at, frame, protection);
                ASSERT_EQ(status, known == model.end() ? Status::Ok : Status::Busy);
                if (status == Status::Ok) model[at] = {frame, protection, false};
                break;
            }
            case 1:
            case 2: {
                const auto next = model.lower_bound(in_block);
                const bool empty = next == model.end() || next->first >= in_block + block_size;
                const Status status = table.map_block(in_block, block, protection);
                ASSERT_EQ(status, empty ? Status::Ok : Status::Busy);
                if (empty) fill(in_block, block, protection, true);
                break;
            }
            case 3: {
                const bool whole = block_at(at);
                const Result<Mapping> gone = table.unmap(at);
                if (whole && at != in_block) {
                    ASSERT_EQ(gone.status(), Status::InvalidArgument);
                    break;
                }
                ASSERT_EQ(gone.ok(), known != model.end());
                if (!gone.ok()) break;
                ASSERT_EQ(gone.value().frame, known->second.frame);
                for (uint64_t i = 0; i < (whole ? 512U : 1U); ++i) model.erase(at + i * page);
                break;
            }
            case 4: {
                const bool whole = block_at(at);
                const Status status = table.protect(whole ? in_block : at, protection);
                ASSERT_EQ(status, known == model.end() ? Status::NotFound : Status::Ok);
                if (status != Status::Ok) break;
                for (uint64_t i = 0; i < (whole ? 512U : 1U); ++i) {
                    model[(whole ? in_block : at) + i * page].protection = protection;
                }
                break;
            }
            case 5: {
                const bool whole = block_at(at);
                ASSERT_EQ(table.split_block(at), whole ? Status::Ok : Status::NotFound);
                if (whole)
                    fill(in_block, model[at].frame - (at - in_block), model[at].protection, false);
                break;
            }
            case 6: {
                if (table.join(at) != Status::Ok) break;
                ++joined;
                fill(in_block, model[in_block].frame, model[in_block].protection, true);
                break;
            }
            case 7: {
                const Result<Mapping> old = table.replace(at, block, protection);
                const bool possible = known != model.end() && !known->second.is_block;
                ASSERT_EQ(old.ok(), possible);
                if (!possible) break;
                ASSERT_EQ(old.value().frame, known->second.frame);
                known->second = {block, protection, false};
                break;
            }
            default: {
                if (random() % 4 != 0) break;
                VirtualAddress from = in_block;
                RemovedMapping removed[PageTable::batch];
                const unsigned count = table.unmap_range(from, in_block + block_size, removed);
                for (unsigned i = 0; i < count; ++i) {
                    const uint64_t pages = removed[i].mapping.order == 0 ? 1 : 512;
                    for (uint64_t k = 0; k < pages; ++k) {
                        ASSERT_EQ(model.erase(removed[i].address + k * page), 1U);
                    }
                }
                const auto next = model.lower_bound(in_block);
                ASSERT_TRUE(next == model.end() || next->first >= from);
                break;
            }
        }
        tlb.forget(bench.machine);
        ASSERT_NO_FATAL_FAILURE(tlb.expect_true(table.root())) << step;
        for (VirtualAddress looked_at = base; looked_at < end; looked_at += page) {
            const auto expected = model.find(looked_at);
            const auto walked = hardware_walk(table.root(), looked_at);
            ASSERT_EQ(walked.has_value(), expected != model.end()) << step;
            if (!walked) continue;
            ASSERT_EQ(walked->frame, expected->second.frame);
            ASSERT_EQ(walked->is_block, expected->second.is_block);
            const Mapping mapping = table.walk(looked_at).value();
            ASSERT_EQ(mapping.frame, expected->second.frame);
            ASSERT_EQ(mapping.protection, expected->second.protection);
        }
    }
    EXPECT_GE(joined, 2U);
}

}  // namespace
}  // namespace kernel
