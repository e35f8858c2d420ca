// SPDX-License-Identifier: Apache-2.0
// The first translation tables: an identity mapping to turn the MMU on under, and the kernel image
// at its high addresses, page by page: code executable and read-only, constants read-only, data
// writable, nothing under the stacks.
//
// This runs with the MMU off, at physical addresses: it takes the addresses of its own symbols
// (which are relative to the program counter) and follows no stored pointer.
#include "hal/aarch64/descriptor.hpp"
#include "hal/aarch64/layout.hpp"

namespace hal::aarch64 {

extern "C" {

// Level-0 tables, used by head.S.
Table boot_identity_table;
Table kernel_root_table;

extern const char text_end[], rodata_end[], image_end[];
void build_boot_tables(uint64_t image, uint64_t slide);

}  // extern "C"

namespace {

Table identity_level1;
Table image_level1;
Table image_level2;
Table image_level3;

uint64_t address(const void* symbol) {
    return reinterpret_cast<uint64_t>(symbol);
}

// Tells which pages of the image are guards.
bool is_guard(uint64_t page) {
    const uint64_t stacks = address(kernel_stacks);
    if (page < stacks || page >= stacks + sizeof(GuardedStack) * max_cpus) return false;
    return (page - stacks) % sizeof(GuardedStack) == 0;
}

}  // namespace

// `slide` is the distance of the image from where it is linked.
void build_boot_tables(uint64_t image, uint64_t slide) {
    const uint64_t virtual_begin = image_base + slide;
    boot_identity_table.entry[index(image, 0)] = address(&identity_level1) | table_descriptor;
    identity_level1.entry[index(image, 1)] = (image & ~(block_size(1) - 1)) | block_descriptor |
                                             normal_memory | not_global | user_execute_never;

    kernel_root_table.entry[index(virtual_begin, 0)] = address(&image_level1) | table_descriptor;
    image_level1.entry[index(virtual_begin, 1)] = address(&image_level2) | table_descriptor;
    image_level2.entry[index(virtual_begin, 2)] = address(&image_level3) | table_descriptor;
    for (uint64_t page = image; page < address(image_end); page += page_size) {
        if (is_guard(page)) continue;
        uint64_t attributes = kernel_read_write;
        if (page < address(rodata_end)) attributes = kernel_read_only;
        if (page < address(text_end)) attributes = kernel_execute;
        image_level3.entry[(page - image) / page_size] =
            page | page_descriptor | normal_memory | attributes;
    }
}

}  // namespace hal::aarch64
