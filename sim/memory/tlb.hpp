// SPDX-License-Identifier: Apache-2.0
// Tlb: one translation lookaside buffer: pages of 4 KiB and blocks of 2 MiB and 1 GiB, address
// spaces (ASIDs) and global entries, true LRU within a set.
//
// A key is a virtual page number (bits 12 to 55, so that both halves of the address space are
// distinct) above an ASID. An entry is a tag and a mask; the mask leaves out the bits within a
// block, and for a global entry the ASID, so that a match is one comparison.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/memory/geometry.hpp"

namespace orrery::memory {

// The size of a page or block, as its number of address bits.
constexpr uint32_t page_4k = 12;
constexpr uint32_t block_2m = 21;
constexpr uint32_t block_1g = 30;

struct TlbCounts {
    uint64_t accesses = 0;
    uint64_t misses = 0;
};

class Tlb final {
  public:
    // `name` is what the error calls it. Throws std::runtime_error for an impossible geometry.
    Tlb(const char* name, const TlbGeometry& geometry);

    // The hit path: a translation of this page was found in the same place a moment ago.
    [[nodiscard]] bool hit_hinted(uint64_t address, uint16_t asid) {
        const uint64_t key = make_key(address, asid);
        if (key == last_) return true;  // the newest already
        const uint32_t place = hints_[(address >> page_4k) % hint_count];
        const Entry& entry = entries_[place];
        if ((key & entry.mask) != entry.tag) return false;
        stamps_[place] = ++clock_;
        last_ = key;
        return true;
    }
    // Looks everywhere; a hit becomes the newest of its set. Gives the size of the page or block
    // found, 0 for a miss; `global` is set with it.
    uint32_t lookup(uint64_t address, uint16_t asid, bool& global);
    // Precondition: no entry matches the address, and shift is page_4k, block_2m or block_1g.
    void insert(uint64_t address, uint16_t asid, uint32_t shift, bool global);

    // Entries for an address, of one address space and global ones, or of all address spaces.
    void invalidate_page(uint64_t address, uint16_t asid);
    void invalidate_page_all_asids(uint64_t address);
    // Entries of one address space, except global ones.
    void invalidate_asid(uint16_t asid);
    void invalidate_all();

  private:
    static constexpr uint64_t asid_bits = 0xffff;
    static constexpr uint32_t hint_count = 64;
    static constexpr uint64_t none = ~uint64_t{0};  // no key: those have 60 bits
    struct Entry {
        uint64_t tag = ~uint64_t{0};  // with the mask 0: matches nothing
        uint64_t mask = 0;
    };
    static constexpr uint64_t make_key(uint64_t address, uint16_t asid) {
        return (address << 8 >> 20 << 16) | asid;
    }
    [[nodiscard]] uint32_t first_of_set(uint64_t address, uint32_t shift) const {
        return static_cast<uint32_t>(address >> shift & (sets_ - 1)) * ways_;
    }
    template <typename Condition>
    void drop_if(size_t first, size_t count, const Condition& condition);
    template <typename Condition>
    void drop_in_sets(uint64_t address, const Condition& condition);

    uint32_t ways_;
    uint32_t sets_;
    uint64_t clock_ = 0;
    uint64_t last_ = none;              // the key that was used last, while its entry is there
    std::array<bool, 3> sizes_used_{};  // page_4k, block_2m, block_1g
    std::array<uint16_t, hint_count> hints_{};
    std::vector<Entry> entries_;
    std::vector<uint64_t> stamps_;  // when an entry was last used
};

}  // namespace orrery::memory
