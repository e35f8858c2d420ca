// SPDX-License-Identifier: Apache-2.0
// Translation: the TLBs of one CPU: level 1 for data and for instructions, level 2 for both, and
// the walk cache, which leads past all levels of a table but the last.
#pragma once

#include <cstdint>

#include "sim/memory/tlb.hpp"

namespace orrery::memory {

struct TranslationParameters {
    TlbGeometry l1i;
    TlbGeometry l1d;
    TlbGeometry l2;
    TlbGeometry walk_cache;  // 0 entries: there is none
    // Every invalidation empties both level 1 TLBs, as in the Cortex-A55.
    bool l1_lost_by_invalidation = false;
};

struct TranslationCounts {
    TlbCounts l1i;
    TlbCounts l1d;
    TlbCounts l2;
    uint64_t walk_cache_hits = 0;
    uint64_t descriptors = 0;  // read by walks
};

enum class Side : uint8_t { data, instruction };

class Translation final {
  public:
    explicit Translation(const TranslationParameters& parameters);

    // Whether level 1 has the translation.
    [[nodiscard]] bool level1(Side side, uint64_t address, uint16_t asid) {
        TlbCounts& counts = side == Side::data ? counts_.l1d : counts_.l1i;
        Tlb& tlb = side == Side::data ? l1d_ : l1i_;
        ++counts.accesses;
        if (tlb.hit_hinted(address, asid)) return true;
        return level1_slow(tlb, counts, address, asid);
    }
    // After a miss in level 1: whether level 2 has it; then level 1 has it too.
    bool level2(Side side, uint64_t address, uint16_t asid);
    // After a walk: how many of its descriptors had to be read, the last ones.
    // Precondition: level 2 missed this address.
    uint32_t walked(Side side, uint64_t address, uint16_t asid, uint32_t descriptors,
                    uint32_t shift, bool global);

    void invalidate_page(uint64_t address, uint16_t asid);
    void invalidate_page_all_asids(uint64_t address);
    void invalidate_asid(uint16_t asid);
    void invalidate_all();

    [[nodiscard]] const TranslationCounts& counts() const { return counts_; }
    void reset_counts() { counts_ = {}; }

  private:
    static bool level1_slow(Tlb& tlb, TlbCounts& counts, uint64_t address, uint16_t asid);
    template <typename Call>
    void invalidate(const Call& call);

    TranslationParameters parameters_;
    Tlb l1i_;
    Tlb l1d_;
    Tlb l2_;
    Tlb walk_cache_;
    TranslationCounts counts_;
};

}  // namespace orrery::memory
