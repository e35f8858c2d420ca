// SPDX-License-Identifier: Apache-2.0
// Builds small ELF files by hand, good ones and every kind of bad one.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace kernel {

struct ElfBuilder {
    Elf64_Ehdr header{};
    std::vector<Elf64_Phdr> segments;
    std::string data;  // behind the tables

    static constexpr uint64_t code_at = 0x40'0000;
    static constexpr uint64_t data_at = 0x41'0000;

    // A program of one page of code and one of data, more of it in memory than in the file.
    ElfBuilder() {
        const unsigned char identification[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
        std::memcpy(header.e_ident, identification, sizeof identification);
        header.e_type = ET_EXEC;
        header.e_machine = EM_AARCH64;
        header.e_version = 1;
        header.e_entry = code_at + 0x100;
        header.e_phoff = sizeof header;
        header.e_ehsize = sizeof header;
        header.e_phentsize = sizeof(Elf64_Phdr);
        add(code_at + 0x100, PF_R | PF_X, std::string(64, '\x1f'), 64);
        add(data_at, PF_R | PF_W, "initial data", 3 * 4096);
        segments.push_back({});  // something else than PT_LOAD
        segments.back().p_type = PT_NOTE;
        segments.back().p_filesz = ~uint64_t{0};
    }

    void add(uint64_t address, uint32_t flags, const std::string& bytes, uint64_t memory_size) {
        Elf64_Phdr segment{};
        segment.p_type = PT_LOAD;
        segment.p_flags = flags;
        segment.p_offset = data.size();  // from the end of the tables; bytes() adds the rest
        segment.p_vaddr = address;
        segment.p_filesz = bytes.size();
        segment.p_memsz = memory_size;
        segment.p_align = 4096;
        segments.push_back(segment);
        data += bytes;
    }

    [[nodiscard]] std::string bytes() const {
        Elf64_Ehdr complete = header;
        complete.e_phnum = static_cast<uint16_t>(segments.size());
        std::string text(reinterpret_cast<const char*>(&complete), sizeof complete);
        const uint64_t tables = sizeof complete + segments.size() * sizeof(Elf64_Phdr);
        for (Elf64_Phdr segment : segments) {
            segment.p_offset += tables;
            text.append(reinterpret_cast<const char*>(&segment), sizeof segment);
        }
        return text + data;
    }
};

}  // namespace kernel
