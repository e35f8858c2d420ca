// SPDX-License-Identifier: Apache-2.0
// The program loader: good files, every broken one, damage, and memory that runs out.
#include "kernel/task/elf.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "tests/kernel/address_space_bench.hpp"
#include "tests/kernel/elf_builder.hpp"
#include "tests/user/archive_builder.hpp"

namespace kernel {
namespace {

using user::ExactBytes;

Status read_status(const std::string& file) {
    const ExactBytes bytes(file);
    ElfProgram program;
    return read_elf(bytes.span().data(), bytes.span().size(), program);
}

// The status of the good file after `change`.
Status changed(const std::function<void(ElfBuilder&)>& change) {
    ElfBuilder builder;
    change(builder);
    return read_status(builder.bytes());
}

TEST(Elf, ReadsAGoodFile) {
    const ExactBytes bytes(ElfBuilder().bytes());
    ElfProgram program;
    ASSERT_EQ(read_elf(bytes.span().data(), bytes.span().size(), program), Status::Ok);
    EXPECT_EQ(program.entry, 0x40'0100U);
    ASSERT_EQ(program.segment_count, 2U);
    EXPECT_EQ(program.segments[0].address, 0x40'0100U);
    EXPECT_EQ(program.segments[0].file_size, 64U);
    EXPECT_EQ(program.segments[0].protection, read_execute);
    EXPECT_EQ(program.segments[1].memory_size, 3 * 4096U);
    EXPECT_EQ(program.segments[1].protection, read_write);
}

TEST(Elf, MovesAProgramThatCanBe) {
    ElfBuilder builder;
    const ExactBytes fixed(builder.bytes());
    builder.header.e_type = ET_DYN;
    const ExactBytes bytes(builder.bytes());
    ElfProgram program;
    ASSERT_EQ(read_elf(fixed.span().data(), fixed.span().size(), program), Status::Ok);
    EXPECT_FALSE(program.movable);

    program = ElfProgram{};
    ASSERT_EQ(read_elf(bytes.span().data(), bytes.span().size(), program), Status::Ok);
    ASSERT_TRUE(program.movable);
    program.move(0x100'0000'3000);
    EXPECT_EQ(program.entry, 0x100'0040'3100U);
    EXPECT_EQ(program.segments[0].address, 0x100'0040'3100U);
    EXPECT_EQ(program.segments[1].address - 0x100'0000'3000, ElfBuilder::data_at);
}

TEST(Elf, RefusesAMovableProgramThatWouldMeetWhatLiesAbove) {
    EXPECT_EQ(changed([](ElfBuilder& b) {
                  b.header.e_type = ET_DYN;
                  b.add(movable_end - 4096, PF_R, "high", 2 * 4096);
              }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.add(movable_end - 4096, PF_R, "high", 2 * 4096); }),
              Status::Ok);
}

TEST(Elf, RefusesOtherKindsOfFiles) {
    for (unsigned i = 0; i < 7; ++i) {
        EXPECT_EQ(changed([i](ElfBuilder& b) { ++b.header.e_ident[i]; }), Status::BadImage) << i;
    }
    EXPECT_EQ(changed([](ElfBuilder& b) { b.header.e_machine = EM_X86_64; }), Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.header.e_type = ET_REL; }), Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments.back().p_type = PT_INTERP; }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.header.e_phentsize = 32; }), Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments.clear(); }), Status::BadImage);
}

TEST(Elf, RefusesTablesOutsideTheFile) {
    for (const uint64_t offset : {uint64_t{300}, uint64_t{0x7fff'ffff}, ~uint64_t{0},
                                  ~uint64_t{0} - 63, ~uint64_t{0} - 200}) {
        EXPECT_EQ(changed([offset](ElfBuilder& b) { b.header.e_phoff = offset; }),
                  Status::BadImage);
    }
}

TEST(Elf, RefusesSegmentsOutsideTheFile) {
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_offset += 1; }), Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_filesz += 1; }), Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_offset = ~uint64_t{0} - 500; }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_filesz = ~uint64_t{0}; }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_memsz = 3; }), Status::BadImage);
}

TEST(Elf, RefusesWriteAndExecuteTogether) {
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[0].p_flags = PF_R | PF_W | PF_X; }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[0].p_flags = PF_W | PF_X; }),
              Status::BadImage);
}

TEST(Elf, RefusesTwoSegmentsOnOnePage) {
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_vaddr = ElfBuilder::code_at; }),
              Status::BadImage);
    // In other bytes of the page, from below, and around.
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_vaddr = ElfBuilder::code_at + 0x800; }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_vaddr = ElfBuilder::code_at - 0x2800; }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_vaddr = ElfBuilder::code_at - 0x1000; }),
              Status::BadImage);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_vaddr = ElfBuilder::code_at + 0x1000; }),
              Status::Ok);
    EXPECT_EQ(changed([](ElfBuilder& b) { b.segments[1].p_vaddr = ElfBuilder::code_at - 0x3000; }),
              Status::Ok);
}

TEST(Elf, RefusesSegmentsOutsideUserSpace) {
    for (const uint64_t address :
         {uint64_t{0}, abi::user_base - 4096, abi::user_end - 4096, abi::user_end - 2 * 4096,
          abi::user_end, uint64_t{0xffff'0000'0000'0000}, ~uint64_t{0}, ~uint64_t{0} - 4096}) {
        EXPECT_EQ(changed([address](ElfBuilder& b) { b.segments[1].p_vaddr = address; }),
                  Status::BadImage)
            << std::hex << address;
    }
    for (const uint64_t size : {abi::user_end, ~uint64_t{0}, ~uint64_t{0} - ElfBuilder::data_at,
                                ~uint64_t{0} - ElfBuilder::data_at + 1}) {
        EXPECT_EQ(changed([size](ElfBuilder& b) { b.segments[1].p_memsz = size; }),
                  Status::BadImage)
            << std::hex << size;
    }
}

TEST(Elf, RefusesAnEntryThatIsNoCode) {
    for (const uint64_t entry : {uint64_t{0}, ElfBuilder::code_at, ElfBuilder::code_at + 0x102,
                                 ElfBuilder::code_at + 0x140, ElfBuilder::data_at, ~uint64_t{3}}) {
        EXPECT_EQ(changed([entry](ElfBuilder& b) { b.header.e_entry = entry; }), Status::BadImage)
            << std::hex << entry;
    }
}

TEST(Elf, TakesUpToSixteenSegments) {
    for (unsigned count = 15; count <= 17; ++count) {
        const Status status = changed([count](ElfBuilder& b) {
            for (unsigned i = 2; i < count; ++i) b.add(0x100'0000 + i * 4096, PF_R, "x", 1);
        });
        EXPECT_EQ(status, count <= ElfProgram::max_segments ? Status::Ok : Status::BadImage);
    }
}

TEST(Elf, PassesOverEmptySegments) {
    EXPECT_EQ(changed([](ElfBuilder& b) { b.add(0, PF_R | PF_W | PF_X, "", 0); }), Status::Ok);
}

TEST(Elf, NoTruncatedFileIsRead) {
    const std::string whole = ElfBuilder().bytes();
    ASSERT_EQ(read_status(whole), Status::Ok);
    for (size_t length = 0; length < whole.size(); ++length) {
        EXPECT_EQ(read_status(whole.substr(0, length)), Status::BadImage) << length;
    }
}

struct ElfLoadTest : AddressSpaceBench {
    // The file's bytes stay until the next one is loaded.
    Status load(const std::string& file, AddressSpace& into) {
        bytes = std::make_unique<ExactBytes>(file);
        ElfProgram program;
        const uint8_t* data = bytes->span().data();
        const Status status = read_elf(data, bytes->span().size(), program);
        return status == Status::Ok ? load_elf(data, program, bench.files, into) : status;
    }
    std::unique_ptr<ExactBytes> bytes;
};

TEST_F(ElfLoadTest, FillsSegmentsAndClearsTheRest) {
    ASSERT_EQ(load(ElfBuilder().bytes(), space), Status::Ok);
    char text[16] = {};
    ASSERT_EQ(space.read(text, ElfBuilder::data_at, 12), Status::Ok);
    EXPECT_STREQ(text, "initial data");
    char rest = 1;
    ASSERT_EQ(space.read(&rest, ElfBuilder::data_at + 12, 1), Status::Ok);
    EXPECT_EQ(rest, 0);
    ASSERT_EQ(space.read(&rest, ElfBuilder::code_at + 0x13f, 1), Status::Ok);
    EXPECT_EQ(rest, '\x1f');
    EXPECT_TRUE(writable(ElfBuilder::data_at + 3 * page - 1));
    EXPECT_FALSE(readable(ElfBuilder::data_at + 3 * page));
    EXPECT_FALSE(writable(ElfBuilder::code_at));
    EXPECT_FALSE(bench.machine.code.empty());
}

TEST_F(ElfLoadTest, LoadsASegmentThatIsLargerThanAPiece) {
    ElfBuilder builder;
    std::string large(200'000, '\0');
    for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i % 251);
    builder.add(0x80'0123, PF_R, large, large.size());
    ASSERT_EQ(load(builder.bytes(), space), Status::Ok);
    std::string back(large.size(), '\0');
    ASSERT_EQ(space.read(back.data(), 0x80'0123, back.size()), Status::Ok);
    EXPECT_EQ(back, large);
}

TEST_F(ElfLoadTest, SaysWhenTheProgramIsTooLarge) {
    ElfBuilder builder;
    builder.add(0x1000'0000, PF_R | PF_W, "x", frame_limit * page);
    EXPECT_EQ(load(builder.bytes(), space), Status::LimitReached);
    expect_balance();
}

TEST_F(ElfLoadTest, LosesNothingWhenMemoryRunsOutAnywhere) {
    const std::string file = ElfBuilder().bytes();
    uint64_t refused = 1;
    for (;; ++refused) {
        const uint64_t before = bench.free_count;
        AddressSpace fresh(bench.memory, 7, frame_limit);
        ASSERT_EQ(fresh.create(), Status::Ok);
        bench.strategy.refuse_from(refused);
        const Status status = load(file, fresh);
        const bool met = bench.strategy.has_refused();
        bench.strategy.refuse_from(0);
        ASSERT_EQ(status, met ? Status::NoMemory : Status::Ok);
        fresh.destroy();
        ASSERT_EQ(bench.free_count, before);
        if (!met) break;
    }
    EXPECT_GT(refused, 2U);  // regions and objects
}

TEST_F(ElfLoadTest, DamagedFilesAreRefusedOrLoadedWithinTheirBounds) {
    const std::string whole = ElfBuilder().bytes();
    std::mt19937_64 random(8);
    unsigned loaded = 0;
    const uint64_t before = bench.free_count;
    for (unsigned round = 0; round < 20'000; ++round) {
        std::string damaged = whole;
        for (uint64_t i = 1 + random() % 3; i > 0; --i) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        AddressSpace fresh(bench.memory, 7, frame_limit);
        ASSERT_EQ(fresh.create(), Status::Ok);
        const Status status = load(damaged, fresh);
        ASSERT_TRUE(status == Status::Ok || status == Status::BadImage ||
                    status == Status::LimitReached)
            << abi::status_name(status);
        loaded += status == Status::Ok ? 1 : 0;
        fresh.destroy();
        ASSERT_EQ(bench.free_count, before);
    }
    EXPECT_GT(loaded, 1'000U);
    EXPECT_LT(loaded, 19'000U);
}

}  // namespace
}  // namespace kernel
