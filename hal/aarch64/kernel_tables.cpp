// SPDX-License-Identifier: Apache-2.0
// The kernel half of the address space after boot.
#include "hal/aarch64/kernel_tables.hpp"

#include "hal/aarch64/descriptor.hpp"
#include "hal/aarch64/layout.hpp"

namespace hal::aarch64 {

extern "C" {
extern Table kernel_root_table;
extern const char rodata_end[];
}

namespace {

constexpr unsigned leaf_level = 3;
constexpr unsigned first_block_level = 1;
constexpr unsigned pool_size = 24;

Table pool[pool_size];
unsigned pool_used = 0;
PhysicalAddress image_physical = 0;

// Tables lie in the image: between its address and where it was loaded is a fixed distance.
PhysicalAddress physical_of(const Table& table) {
    return reinterpret_cast<uint64_t>(&table) - image_virtual() + image_physical;
}

// The tables of the direct map are found through the image mapping by the reverse.
Table& table_at(PhysicalAddress physical) {
    return *reinterpret_cast<Table*>(physical - image_physical + image_virtual());
}

Table* next_table(uint64_t& entry) {
    if ((entry & table_descriptor) == table_descriptor) return &table_at(entry & address_mask);
    if (pool_used == pool_size) return nullptr;
    Table& table = pool[pool_used++];
    // The table is zero already; it must be visible before the entry that leads to it.
    asm volatile("dsb ishst" ::: "memory");
    entry = physical_of(table) | table_descriptor;
    return &table;
}

// Maps [begin, end) in the largest blocks that fit, leaving alone what is mapped already.
bool map_range(uint64_t base, PhysicalAddress begin, PhysicalAddress end, uint64_t attributes) {
    while (begin < end) {
        Table* table = &kernel_root_table;
        uint64_t step = 0;
        for (unsigned level = 0; step == 0; ++level) {
            uint64_t& entry = table->entry[index(base + begin, level)];
            const uint64_t size = block_size(level);
            const bool is_table =
                level < leaf_level && (entry & table_descriptor) == table_descriptor;
            const bool fits = begin % size == 0 && end - begin >= size;
            if (!is_table && (entry & 1) != 0) {
                step = size - begin % size;  // mapped before
            } else if (!is_table && fits && level >= first_block_level) {
                const uint64_t kind = level == leaf_level ? page_descriptor : block_descriptor;
                entry = begin | kind | attributes;
                step = size;
            } else {
                table = next_table(entry);
                if (table == nullptr) return false;
            }
        }
        begin += step;
    }
    asm volatile("dsb ishst\n isb" ::: "memory");
    return true;
}

bool in_reach(PhysicalAddress begin, size_t size) {
    return size != 0 && begin < physical_limit && size <= physical_limit - begin;
}

constexpr uint64_t page_floor(uint64_t value) {
    return value & ~(page_size - 1);
}
constexpr uint64_t page_ceiling(uint64_t value) {
    return page_floor(value + page_size - 1);
}

}  // namespace

void set_image(PhysicalAddress begin) {
    image_physical = begin;
}

bool map_memory(PhysicalAddress begin, size_t size) {
    if (!in_reach(begin, size)) return false;
    const PhysicalAddress end = page_ceiling(begin + size);
    begin = page_floor(begin);
    constexpr uint64_t writable = normal_memory | kernel_read_write;
    const PhysicalAddress constant_begin = image_physical;
    const PhysicalAddress constant_end =
        image_physical + static_cast<uint64_t>(rodata_end - image_begin);
    // The part before the image's constants, within them, and behind them.
    const auto within = [&](PhysicalAddress at) {
        return at < begin ? begin : at > end ? end : at;
    };
    const PhysicalAddress first = within(constant_begin);
    const PhysicalAddress second = within(constant_end);
    return map_range(direct_base, begin, first, writable) &&
           map_range(direct_base, first, second, normal_memory | kernel_read_only) &&
           map_range(direct_base, second, end, writable);
}

uint64_t map_device(PhysicalAddress begin, size_t size) {
    if (!in_reach(begin, size)) return 0;
    const bool mapped = map_range(device_base, page_floor(begin), page_ceiling(begin + size),
                                  device_memory | kernel_read_write);
    return mapped ? device_base + begin : 0;
}

}  // namespace hal::aarch64
