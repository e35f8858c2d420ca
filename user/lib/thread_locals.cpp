// SPDX-License-Identifier: Apache-2.0
// Thread-local variables: the program's own headers say where their first values are.
#include "user/lib/thread_locals.hpp"

#include <string.h>

#include "kernel/abi/elf_format.hpp"
#include "user/lib/system.hpp"

extern "C" {

// The file's header, which the linker puts where the program's constants begin (user.ld).
[[gnu::visibility("hidden")]] extern const char elf_header[] asm("__ehdr_start");

}  // extern "C"

namespace {

using kernel::abi::Elf64Header;
using kernel::abi::Elf64ProgramHeader;

constexpr uint32_t load_type = 1;          // PT_LOAD
constexpr uint32_t thread_local_type = 7;  // PT_TLS
constexpr uint64_t reserved_words = 16;    // bytes

// Of the program, once begin() has found it; without such variables all zero.
struct {
    const char* image;
    uint64_t image_size;
    uint64_t size;
    uint64_t alignment;
} segment;

uint64_t offset_of_copy() {
    const uint64_t alignment = segment.alignment;
    return (reserved_words + alignment - 1) & ~(alignment - 1);
}

// Precondition: the program has been relocated. Addresses in the headers are those of linking: they
// count from that of the header itself, which is the file's first byte.
void find_segment() {
    const auto& header = *reinterpret_cast<const Elf64Header*>(elf_header);
    const auto* entries = reinterpret_cast<const Elf64ProgramHeader*>(elf_header + header.e_phoff);
    uint64_t linked_at = 0;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const Elf64ProgramHeader& entry = entries[i];
        if (entry.p_type == load_type && entry.p_offset == 0) linked_at = entry.p_vaddr;
        if (entry.p_type != thread_local_type) continue;
        segment = {elf_header + (entry.p_vaddr - linked_at), entry.p_filesz, entry.p_memsz,
                   entry.p_align == 0 ? 1 : entry.p_align};
    }
}

}  // namespace

namespace user::thread_locals {

size_t size() {
    if (segment.size == 0) return 0;
    return (offset_of_copy() + segment.size + 15) & ~size_t{15};
}

uint64_t make(void* memory) {
    char* copy = static_cast<char*>(memory) + offset_of_copy();
    memcpy(copy, segment.image, segment.image_size);
    memset(copy + segment.image_size, 0, segment.size - segment.image_size);
    return system::address_of(memory);
}

bool begin() {
    find_segment();
    if (segment.size == 0) return true;
    const uint64_t whole = (size() + abi::page_size - 1) & ~(abi::page_size - 1);
    const auto memory = system::map_memory(whole, abi::ProtectionRead | abi::ProtectionWrite);
    if (!memory) return false;
    set_pointer(make(reinterpret_cast<void*>(*memory)));
    return true;
}

}  // namespace user::thread_locals
