// SPDX-License-Identifier: Apache-2.0
// A loader of static AArch64 programs.
#include "kernel/task/elf.hpp"

#include <string.h>

#include "kernel/abi/elf_format.hpp"
#include "kernel/abi/syscall.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"

namespace kernel {

using abi::Elf64Header;
using abi::Elf64ProgramHeader;

namespace {

constexpr uint8_t identification[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};  // 64 bits, little-endian
constexpr uint16_t executable_type = 2;
constexpr uint16_t movable_type = 3;  // ET_DYN
constexpr uint16_t machine_aarch64 = 183;
constexpr uint32_t load_type = 1;
constexpr uint32_t interpreter_type = 3;  // the program wants a dynamic linker
constexpr uint32_t flag_execute = 1;
constexpr uint32_t flag_write = 2;

constexpr uint64_t page_floor(uint64_t value) {
    return value & ~(hal::page_size - 1);
}
constexpr uint64_t page_ceiling(uint64_t value) {
    return page_floor(value + hal::page_size - 1);
}

Status read_segment(const Elf64ProgramHeader& header, uint64_t file_size, ElfProgram& program) {
    if (header.p_memsz == 0) return Status::Ok;
    if (program.segment_count == ElfProgram::max_segments) return Status::BadImage;
    if (header.p_offset > file_size || header.p_filesz > file_size - header.p_offset) {
        return Status::BadImage;
    }
    if (header.p_filesz > header.p_memsz) return Status::BadImage;
    const uint64_t end = program.movable ? movable_end : stack_begin - hal::page_size;
    if (header.p_vaddr < abi::user_base || header.p_vaddr >= end ||
        header.p_memsz > end - header.p_vaddr) {
        return Status::BadImage;
    }
    uint32_t protection = abi::ProtectionRead;
    if ((header.p_flags & flag_write) != 0) protection |= abi::ProtectionWrite;
    if ((header.p_flags & flag_execute) != 0) protection |= abi::ProtectionExecute;
    if (check_protection(protection) != Status::Ok) return Status::BadImage;

    const ElfSegment segment{header.p_offset, header.p_filesz, header.p_vaddr, header.p_memsz,
                             protection};
    for (unsigned i = 0; i < program.segment_count; ++i) {
        const ElfSegment& other = program.segments[i];
        const bool before =
            page_ceiling(segment.address + segment.memory_size) <= page_floor(other.address);
        const bool after =
            page_floor(segment.address) >= page_ceiling(other.address + other.memory_size);
        if (!before && !after) return Status::BadImage;
    }
    program.segments[program.segment_count++] = segment;
    return Status::Ok;
}

// The pages of a segment: the file's own where that is all there is and nobody writes.
Result<MemoryObject*> segment_object(const uint8_t* file, const ElfSegment& segment,
                                     FileObjects& files, AddressSpace& space) {
    const uint64_t lead = segment.address - page_floor(segment.address);
    const FileBytes bytes{file + segment.file_offset, segment.file_size, lead};
    FileObject* shared = TRY(files.open(bytes));
    const uint64_t pages = page_ceiling(lead + segment.memory_size) / hal::page_size;
    const bool writable = (segment.protection & abi::ProtectionWrite) != 0;
    if (!writable && pages == shared->pages()) return static_cast<MemoryObject*>(shared);
    const Result<AnonymousObject*> copy =
        AnonymousObject::create_from(space.memory(), *shared, 0, pages, space.account());
    if (copy.ok()) return static_cast<MemoryObject*>(copy.value());
    shared->release();
    return copy.status();
}

}  // namespace

Status read_elf(const uint8_t* file, uint64_t size, ElfProgram& program) {
    Elf64Header header;
    if (size < sizeof header) return Status::BadImage;
    memcpy(&header, file, sizeof header);
    if (memcmp(header.e_ident, identification, sizeof identification) != 0 ||
        (header.e_type != executable_type && header.e_type != movable_type) ||
        header.e_machine != machine_aarch64 || header.e_phentsize != sizeof(Elf64ProgramHeader)) {
        return Status::BadImage;
    }
    program.movable = header.e_type == movable_type;
    const uint64_t table_size = uint64_t{header.e_phnum} * sizeof(Elf64ProgramHeader);
    if (header.e_phoff > size || table_size > size - header.e_phoff) return Status::BadImage;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64ProgramHeader segment;
        memcpy(&segment, file + header.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == interpreter_type) return Status::BadImage;
        if (segment.p_type == load_type) TRY_STATUS(read_segment(segment, size, program));
    }
    program.entry = header.e_entry;
    for (unsigned i = 0; i < program.segment_count; ++i) {
        const ElfSegment& segment = program.segments[i];
        const bool executable = (segment.protection & abi::ProtectionExecute) != 0;
        if (executable && program.entry % 4 == 0 && program.entry >= segment.address &&
            program.entry - segment.address < segment.memory_size) {
            return Status::Ok;
        }
    }
    return Status::BadImage;
}

void ElfProgram::move(uint64_t bias) {
    entry += bias;
    for (unsigned i = 0; i < segment_count; ++i) segments[i].address += bias;
}

Status load_elf(const uint8_t* file, const ElfProgram& program, FileObjects& files,
                AddressSpace& space) {
    for (unsigned i = 0; i < program.segment_count; ++i) {
        const ElfSegment& segment = program.segments[i];
        const uint64_t begin = page_floor(segment.address);
        const uint64_t end = page_ceiling(segment.address + segment.memory_size);
        MapRequest request{.size = end - begin, .protection = segment.protection, .address = begin};
        if (segment.file_size != 0) {
            request.object = TRY(
                space.memory().insist([&] { return segment_object(file, segment, files, space); }));
        }
        TRY(space.map(request));
    }
    return Status::Ok;
}

}  // namespace kernel
