// SPDX-License-Identifier: Apache-2.0
// VMSAv8-64 descriptors of the kernel's own tables (Arm ARM DDI 0487, D8.3 and D8.4).
#pragma once

#include "hal/types.hpp"

namespace hal::aarch64 {

struct alignas(4096) Table {
    uint64_t entry[512];
};

constexpr uint64_t block_descriptor = 1;
constexpr uint64_t table_descriptor = 3;
constexpr uint64_t page_descriptor = 3;
constexpr uint64_t accessed = 1ULL << 10;
constexpr uint64_t not_global = 1ULL << 11;
constexpr uint64_t inner_shareable = 3ULL << 8;
constexpr uint64_t read_only = 1ULL << 7;
constexpr uint64_t privileged_execute_never = 1ULL << 53;
constexpr uint64_t user_execute_never = 1ULL << 54;
constexpr uint64_t address_mask = 0x0000'ffff'ffff'f000;

constexpr uint64_t normal_memory = accessed | inner_shareable;  // MAIR index 0
constexpr uint64_t device_memory = accessed | 1ULL << 2;        // MAIR index 1
constexpr uint64_t kernel_read_write = privileged_execute_never | user_execute_never;
constexpr uint64_t kernel_read_only = kernel_read_write | read_only;
constexpr uint64_t kernel_execute = user_execute_never | read_only;

// Bytes that one entry of a level maps, and its index for an address.
constexpr uint64_t block_size(unsigned level) {
    return 1ULL << (39 - 9 * level);
}
constexpr unsigned index(uint64_t address, unsigned level) {
    return static_cast<unsigned>(address >> (39 - 9 * level)) % 512;
}

}  // namespace hal::aarch64
