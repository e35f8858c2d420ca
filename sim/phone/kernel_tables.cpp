// SPDX-License-Identifier: Apache-2.0
// The translation tables that the image would have made.
#include "sim/phone/kernel_tables.hpp"

#include <algorithm>

namespace orrery::phone {
namespace {

using namespace hal::aarch64;
using hal::page_size;

constexpr unsigned leaf_level = 3;
constexpr unsigned first_block_level = 1;
constexpr uint64_t lower_bits = 0x0000'ffff'ffff'ffff;  // what the walk looks at

constexpr uint64_t page_floor(uint64_t value) {
    return value / page_size * page_size;
}
constexpr uint64_t page_ceiling(uint64_t value) {
    return page_floor(value + page_size - 1);
}

bool is_guard(uint64_t offset) {
    if (offset < image_layout.stacks) return false;
    const uint64_t into = offset - image_layout.stacks;
    return into < sizeof(GuardedStack) * hal::max_cpus && into % sizeof(GuardedStack) == 0;
}

}  // namespace

KernelTables::KernelTables(const Arena& arena, std::span<const engine::MemoryBank> memory,
                           uint64_t image)
    : arena_(arena), memory_(memory), image_(image), pool_(image + image_layout.table_pool) {
    map_image();
}

Table& KernelTables::table_at(uint64_t physical) const {
    return *reinterpret_cast<Table*>(arena_.bytes(physical, sizeof(Table)).data());
}

void KernelTables::map_image() {
    const uint64_t level1 = image_ + image_layout.image_level1;
    const uint64_t level2 = image_ + image_layout.image_level2;
    const uint64_t level3 = image_ + image_layout.image_level3;
    table_at(image_ + image_layout.root_table).entry[index(image_base, 0)] =
        level1 | table_descriptor;
    table_at(level1).entry[index(image_base, 1)] = level2 | table_descriptor;
    table_at(level2).entry[index(image_base, 2)] = level3 | table_descriptor;
    for (uint64_t offset = 0; offset < image_layout.image_end; offset += page_size) {
        if (is_guard(offset)) continue;
        table_at(level3).entry[offset / page_size] =
            (image_ + offset) | page_descriptor | normal_memory;
    }
}

uint64_t KernelTables::next_table(uint64_t& entry) {
    if ((entry & table_descriptor) != table_descriptor) {
        entry = pool_ | table_descriptor;
        pool_ += sizeof(Table);
    }
    return entry & address_mask;
}

// In the largest blocks that fit, leaving alone what is mapped already.
void KernelTables::map_range(uint64_t base, uint64_t begin, uint64_t end) {
    while (begin < end) {
        uint64_t table = image_ + image_layout.root_table;
        uint64_t step = 0;
        for (unsigned level = 0; step == 0; ++level) {
            uint64_t& entry = table_at(table).entry[index(base + begin, level)];
            const uint64_t size = block_size(level);
            const bool is_table =
                level < leaf_level && (entry & table_descriptor) == table_descriptor;
            const bool fits = begin % size == 0 && end - begin >= size;
            if (!is_table && (entry & 1) != 0) {
                step = size - begin % size;
            } else if (!is_table && fits && level >= first_block_level) {
                const uint64_t kind = level == leaf_level ? page_descriptor : block_descriptor;
                entry = begin | kind | normal_memory;
                step = size;
            } else {
                table = next_table(entry);
            }
        }
        begin += step;
    }
}

// The image's constants are read-only in the direct map too, which cuts the blocks there.
void KernelTables::map_memory(uint64_t begin, uint64_t size) {
    const uint64_t end = page_ceiling(begin + size);
    begin = page_floor(begin);
    const uint64_t first = std::clamp(image_, begin, end);
    const uint64_t second = std::clamp(image_ + image_layout.rodata_end, begin, end);
    map_range(direct_base, begin, first);
    map_range(direct_base, first, second);
    map_range(direct_base, second, end);
}

bool KernelTables::walk(uint64_t address, engine::PageTranslation& translation) const {
    return engine::walk(memory_, image_ + image_layout.root_table, address & lower_bits,
                        translation);
}

}  // namespace orrery::phone
