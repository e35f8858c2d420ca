// SPDX-License-Identifier: Apache-2.0
// TranslationCache: walks of page tables, remembered until the translations may have changed. It
// spares the host, and is no model of a TLB: it changes nothing that a program can see or pays for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "sim/engine/page_walk.hpp"
#include "sim/engine/system_registers.hpp"

namespace orrery::engine {

class TranslationCache final {
  public:
    // The translation of an address, by `walk` where it is not known; null if that fails. Stays
    // valid until another address is asked for twice.
    template <typename Walk>
    [[nodiscard]] const PageTranslation* find(std::uint64_t address, const Walk& walk) {
        const std::uint64_t page = address & ~bits::page_mask;
        Entry& entry = (*entries_)[address / bits::page_size % entry_count];
        const std::uint64_t stamp = stamps_[address >> 63];
        if (entry.page == page && entry.stamp == stamp) [[likely]]
            return &entry.translation;
        entry.stamp = 0;
        if (!walk(page, entry.translation)) return nullptr;
        entry.page = page;
        entry.stamp = stamp;
        return &entry.translation;
    }

    void forget_low_addresses() { stamps_[0] = ++last_stamp_; }
    void forget_addresses() { stamps_ = {last_stamp_ + 1, last_stamp_ + 1}, ++last_stamp_; }

  private:
    static constexpr std::size_t entry_count = 1024;
    struct Entry final {
        std::uint64_t page = 0;
        std::uint64_t stamp = 0;
        PageTranslation translation;
    };
    using Entries = std::array<Entry, entry_count>;

    std::unique_ptr<Entries> entries_ = std::make_unique<Entries>();
    std::array<std::uint64_t, 2> stamps_{1, 1};  // of the lower and the upper half
    std::uint64_t last_stamp_ = 1;
};

}  // namespace orrery::engine
