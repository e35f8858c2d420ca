// SPDX-License-Identifier: Apache-2.0
// A loader of static AArch64 programs: ELF64, little-endian, ET_EXEC, or ET_DYN that relocates
// itself (Tool Interface Standard ELF 1.2; ELF for the Arm 64-bit Architecture). The file is data
// from outside: everything is checked.
#pragma once

#include "kernel/abi/syscall.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/memory/objects/file_object.hpp"

namespace kernel {

// The stack of a program's first thread ends below the top of user space; a page under it stays
// unmapped, as its guard. Programs end below that.
constexpr uint64_t stack_end = abi::user_end - 0x1'0000;
constexpr uint64_t stack_begin = stack_end - abi::user_stack_size;

// Programs that can be moved end below this before they are.
constexpr uint64_t movable_end = 0x0100'0000'0000;

struct ElfSegment {
    uint64_t file_offset;
    uint64_t file_size;
    uint64_t address;
    uint64_t memory_size;
    uint32_t protection;  // abi::Protection bits
};

struct ElfProgram {
    static constexpr unsigned max_segments = 16;
    uint64_t entry = 0;
    ElfSegment segments[max_segments] = {};
    unsigned segment_count = 0;
    bool movable = false;  // it runs at any distance from its addresses

    // Precondition: movable or `bias` is 0; it is whole pages, and at most the distance of
    // movable_end from the end of user space.
    void move(uint64_t bias);
};

// BadImage unless the file can be loaded: right machine, segments inside the file and inside user
// space, none both writable and executable, no two on one page, the entry in an executable one.
[[nodiscard]] Status read_elf(const uint8_t* file, uint64_t size, ElfProgram& program);

// Maps all segments. What is only read is shared by all who run the program; the rest is a private
// copy on write, and zeroes behind the file's part. The file's bytes have to stay. NoMemory,
// LimitReached.
[[nodiscard]] Status load_elf(const uint8_t* file, const ElfProgram& program, FileObjects& files,
                              AddressSpace& space);

}  // namespace kernel
