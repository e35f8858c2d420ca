// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/tlb.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace orrery::memory {
namespace {

constexpr std::array<uint32_t, 3> shifts{page_4k, block_2m, block_1g};

uint32_t sets_of(const char* name, const TlbGeometry& geometry) {
    const bool possible = geometry.ways > 0 && geometry.entries % geometry.ways == 0 &&
                          geometry.entries <= 0xffff &&
                          std::has_single_bit(geometry.entries / geometry.ways);
    if (!possible) {
        throw std::runtime_error(
            fmt::format("{}: {} entries in {} ways make no power of two of sets, choose others",
                        name, geometry.entries, geometry.ways));
    }
    return geometry.entries / geometry.ways;
}

}  // namespace

Tlb::Tlb(const char* name, const TlbGeometry& geometry)
    : ways_(geometry.ways),
      sets_(sets_of(name, geometry)),
      entries_(geometry.entries),
      stamps_(geometry.entries) {}

uint32_t Tlb::lookup(uint64_t address, uint16_t asid, bool& global) {
    const uint64_t key = make_key(address, asid);
    for (size_t size = 0; size < shifts.size(); ++size) {
        if (!sizes_used_[size]) continue;
        const uint32_t first = first_of_set(address, shifts[size]);
        for (uint32_t place = first; place < first + ways_; ++place) {
            const Entry& entry = entries_[place];
            if ((key & entry.mask) != entry.tag) continue;
            stamps_[place] = ++clock_;
            last_ = key;
            hints_[(address >> page_4k) % hint_count] = static_cast<uint16_t>(place);
            global = (entry.mask & asid_bits) == 0;
            const auto low = static_cast<uint32_t>(std::countr_zero(entry.mask >> 16 << 16));
            return low - 16 + page_4k;
        }
    }
    return 0;
}

void Tlb::insert(uint64_t address, uint16_t asid, uint32_t shift, bool global) {
    const uint64_t page_mask = ~uint64_t{0} << (16 + shift - page_4k);
    const uint64_t mask = global ? page_mask : page_mask | asid_bits;
    const uint32_t first = first_of_set(address, shift);
    uint32_t oldest = first;
    for (uint32_t place = first; place < first + ways_; ++place) {
        if (stamps_[place] < stamps_[oldest]) oldest = place;
    }
    last_ = make_key(address, asid);
    entries_[oldest] = {last_ & mask, mask};
    stamps_[oldest] = ++clock_;
    hints_[(address >> page_4k) % hint_count] = static_cast<uint16_t>(oldest);
    for (size_t size = 0; size < shifts.size(); ++size) sizes_used_[size] |= shifts[size] == shift;
}

template <typename Condition>
void Tlb::drop_if(size_t first, size_t count, const Condition& condition) {
    last_ = none;
    for (size_t place = first; place < first + count; ++place) {
        if (entries_[place].mask == 0 || !condition(entries_[place])) continue;
        entries_[place] = {};
        stamps_[place] = 0;
    }
}

// Where entries for an address can be.
template <typename Condition>
void Tlb::drop_in_sets(uint64_t address, const Condition& condition) {
    for (size_t size = 0; size < shifts.size(); ++size) {
        if (sizes_used_[size]) drop_if(first_of_set(address, shifts[size]), ways_, condition);
    }
}

void Tlb::invalidate_page(uint64_t address, uint16_t asid) {
    const uint64_t key = make_key(address, asid);
    drop_in_sets(address, [&](const Entry& entry) { return (key & entry.mask) == entry.tag; });
}

void Tlb::invalidate_page_all_asids(uint64_t address) {
    const uint64_t key = make_key(address, 0);
    drop_in_sets(address, [&](const Entry& entry) {
        return ((key ^ entry.tag) & entry.mask & ~asid_bits) == 0;
    });
}

void Tlb::invalidate_asid(uint16_t asid) {
    drop_if(0, entries_.size(), [&](const Entry& entry) {
        return (entry.mask & asid_bits) != 0 && (entry.tag & asid_bits) == asid;
    });
}

void Tlb::invalidate_all() {
    std::fill(entries_.begin(), entries_.end(), Entry{});
    std::fill(stamps_.begin(), stamps_.end(), 0);
    sizes_used_ = {};
    last_ = none;
}

}  // namespace orrery::memory
