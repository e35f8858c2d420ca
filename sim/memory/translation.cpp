// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/translation.hpp"

namespace orrery::memory {
namespace {

constexpr TlbGeometry one_entry{.entries = 1, .ways = 1, .latency_cycles = 0};

}  // namespace

Translation::Translation(const TranslationParameters& parameters)
    : parameters_(parameters),
      l1i_("l1i_tlb", parameters.l1i),
      l1d_("l1d_tlb", parameters.l1d),
      l2_("l2_tlb", parameters.l2),
      walk_cache_("walk_cache",
                  parameters.walk_cache.entries == 0 ? one_entry : parameters.walk_cache) {}

bool Translation::level1_slow(Tlb& tlb, TlbCounts& counts, uint64_t address, uint16_t asid) {
    bool global = false;
    if (tlb.lookup(address, asid, global) != 0) return true;
    ++counts.misses;
    return false;
}

bool Translation::level2(Side side, uint64_t address, uint16_t asid) {
    ++counts_.l2.accesses;
    bool global = false;
    const uint32_t shift = l2_.lookup(address, asid, global);
    if (shift == 0) {
        ++counts_.l2.misses;
        return false;
    }
    (side == Side::data ? l1d_ : l1i_).insert(address, asid, shift, global);
    return true;
}

uint32_t Translation::walked(Side side, uint64_t address, uint16_t asid, uint32_t descriptors,
                             uint32_t shift, bool global) {
    uint32_t read = descriptors;
    // Nothing is kept of a walk that ends in a block (Cortex-A55 TRM 100442, "Walk cache RAM").
    if (shift == page_4k && parameters_.walk_cache.entries != 0) {
        bool ignored = false;
        if (walk_cache_.lookup(address, asid, ignored) != 0) {
            ++counts_.walk_cache_hits;
            read = 1;
        } else {
            walk_cache_.insert(address, asid, block_2m, global);
        }
    }
    counts_.descriptors += read;
    l2_.insert(address, asid, shift, global);
    (side == Side::data ? l1d_ : l1i_).insert(address, asid, shift, global);
    return read;
}

template <typename Call>
void Translation::invalidate(const Call& call) {
    call(l2_);
    call(walk_cache_);
    if (parameters_.l1_lost_by_invalidation) {
        l1i_.invalidate_all();
        l1d_.invalidate_all();
    } else {
        call(l1i_);
        call(l1d_);
    }
}

void Translation::invalidate_page(uint64_t address, uint16_t asid) {
    invalidate([&](Tlb& tlb) { tlb.invalidate_page(address, asid); });
}

void Translation::invalidate_page_all_asids(uint64_t address) {
    invalidate([&](Tlb& tlb) { tlb.invalidate_page_all_asids(address); });
}

void Translation::invalidate_asid(uint16_t asid) {
    invalidate([&](Tlb& tlb) { tlb.invalidate_asid(asid); });
}

void Translation::invalidate_all() {
    invalidate([](Tlb& tlb) { tlb.invalidate_all(); });
}

}  // namespace orrery::memory
