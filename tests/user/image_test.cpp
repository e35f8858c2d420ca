// SPDX-License-Identifier: Apache-2.0
// The initial archive that the build made: its reader finds everything in it, and every program is
// an ELF file that a strict loader takes.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "kernel/abi/syscall.hpp"
#include "user/lib/archive.hpp"

namespace user {
namespace {

class Image : public testing::Test {
  protected:
    void SetUp() override {
        std::ifstream file(USER_ARCHIVE_PATH, std::ios::binary);
        ASSERT_TRUE(file);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }

    Archive archive() const { return Archive(bytes_); }

  private:
    std::vector<uint8_t> bytes_;
};

template <typename T>
T read_at(std::span<const uint8_t> data, size_t offset) {
    T value{};
    EXPECT_LE(offset + sizeof(T), data.size());
    if (offset + sizeof(T) <= data.size()) std::memcpy(&value, data.data() + offset, sizeof(T));
    return value;
}

void check_program(const ArchiveFile& file) {
    SCOPED_TRACE(std::string(file.name));
    const auto header = read_at<Elf64_Ehdr>(file.data, 0);
    ASSERT_EQ(std::memcmp(header.e_ident, ELFMAG, SELFMAG), 0);
    EXPECT_EQ(header.e_type, ET_DYN) << "programs run at any address";
    EXPECT_EQ(header.e_machine, EM_AARCH64);
    EXPECT_LT(file.data.size(), 128u * 1024);

    uint64_t end = 0;
    bool entry_executable = false;
    for (size_t i = 0; i < header.e_phnum; ++i) {
        const auto segment =
            read_at<Elf64_Phdr>(file.data, header.e_phoff + i * sizeof(Elf64_Phdr));
        if (segment.p_type != PT_LOAD) continue;
        EXPECT_NE(segment.p_flags & (PF_W | PF_X), static_cast<unsigned>(PF_W | PF_X));
        EXPECT_EQ(segment.p_vaddr % abi::page_size, 0u);
        EXPECT_EQ(segment.p_offset % abi::page_size, 0u);
        EXPECT_LE(segment.p_filesz, segment.p_memsz);
        EXPECT_GT(segment.p_memsz, 0u);
        EXPECT_LE(segment.p_offset + segment.p_filesz, file.data.size());
        EXPECT_GE(segment.p_vaddr, end) << "no page belongs to two segments";
        end = (segment.p_vaddr + segment.p_memsz + abi::page_size - 1) & ~(abi::page_size - 1);
        if ((segment.p_flags & PF_X) == 0) continue;
        entry_executable = header.e_entry - segment.p_vaddr < segment.p_filesz;
    }
    EXPECT_TRUE(entry_executable);
    EXPECT_GT(end, 0x400000u);
}

TEST_F(Image, EveryProgramIsLoadable) {
    size_t programs = 0;
    auto files = archive().files();
    for (auto file = files.next(); file; file = files.next()) {
        if (!file->name.starts_with("bin/")) continue;
        check_program(*file);
        ++programs;
    }
    EXPECT_EQ(files.next().status(), Status::NotFound);
    EXPECT_GE(programs, 10u);
}

TEST_F(Image, HasTextsAndBrokenPrograms) {
    EXPECT_TRUE(archive().find("bin/init"));
    EXPECT_TRUE(archive().find("text/GPL-3"));
    EXPECT_FALSE(archive().find("text/GPL")) << "a link to a text is not a second text";
    for (const char* name :
         {"empty", "truncated", "no_segments", "wrong_machine", "segment_outside", "kernel_address",
          "writable_executable", "overlapping"}) {
        EXPECT_TRUE(archive().find("broken/" + std::string(name) + ".elf")) << name;
    }
    EXPECT_EQ(archive().find("broken/truncated.elf")->data.size(), 100u);
}

}  // namespace
}  // namespace user
