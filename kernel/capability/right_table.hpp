// SPDX-License-Identifier: Apache-2.0
// RightTable: the names that a task has for its rights.
//
// The first entries lie in the table itself, others in page frames that are added when names run
// out. Finding, adding and removing a name take constant time. An entry's generation changes when
// its name is given up, so a stale name is found again only after 65,535 further uses of its entry.
#pragma once

#include "kernel/base/result.hpp"
#include "kernel/capability/right.hpp"

namespace kernel {

struct Task;

class RightTable final {
  public:
    static constexpr uint32_t inline_entries = 32;
    static constexpr uint32_t chunk_entries = 256;
    static constexpr uint32_t max_chunks = 16;
    static constexpr uint32_t chunk_size = 4096;
    // Page frames that a chunk counts for: itself, and the rights that can have names in it.
    static constexpr uint32_t chunk_charge = 1 + chunk_entries * 96 / chunk_size;
    static constexpr uint32_t capacity = inline_entries + max_chunks * chunk_entries;

    explicit RightTable(Task* owner = nullptr) : owner_(owner) {}
    RightTable(const RightTable&) = delete;
    RightTable& operator=(const RightTable&) = delete;

    // Whose rights these are; null in a table of no task.
    [[nodiscard]] Task* owner() const { return owner_; }
    [[nodiscard]] uint32_t size() const { return size_; }
    // No name is free: a chunk is needed.
    [[nodiscard]] bool is_full() const { return size_ == entries_; }
    [[nodiscard]] uint32_t free_names() const { return entries_ - size_; }
    [[nodiscard]] bool can_grow() const { return chunk_count_ < max_chunks; }
    [[nodiscard]] uint32_t chunks() const { return chunk_count_; }
    // Precondition: can_grow(); `memory` is chunk_size bytes, aligned to 16.
    void add_chunk(void* memory);
    // The last chunk's memory, or null. Precondition: the table is empty and no name will be asked.
    [[nodiscard]] void* take_chunk();

    // Gives a right a name. Precondition: not is_full(); the right is in no table or message.
    uint32_t add(Right& right);
    // Null for a name that nothing has.
    [[nodiscard]] Right* find(uint64_t name) const {
        if (name > UINT32_MAX) return nullptr;
        const Entry* entry = entry_at(static_cast<uint32_t>(name) & 0xffff);
        if (entry == nullptr || entry->generation != name >> 16) return nullptr;
        return entry->right;
    }
    // Gives the name of a right up. Precondition: it is in this table.
    void remove(Right& right);
    // Any right of the table, or null when it is empty: for its end. Looks at `steps` entries at
    // most; `position` is where it goes on.
    [[nodiscard]] Right* next(uint32_t& position, uint32_t steps) const;
    [[nodiscard]] uint32_t end() const { return entries_; }
    // For whoever looks from outside: the right at a position below end(), or null.
    [[nodiscard]] const Right* at(uint32_t position) const { return entry_at(position)->right; }

  private:
    static constexpr uint32_t no_entry = UINT32_MAX;

    struct Entry {
        Right* right = nullptr;
        uint32_t generation = 1;  // 1 to 65,535
        uint32_t next_free = no_entry;
    };
    static_assert(sizeof(Entry) * chunk_entries == chunk_size);

    [[nodiscard]] const Entry* entry_at(uint32_t index) const {
        if (index < inline_entries) return &first_[index];
        if (index >= entries_) return nullptr;
        index -= inline_entries;
        return &chunks_[index / chunk_entries][index % chunk_entries];
    }
    [[nodiscard]] Entry& entry_at(uint32_t index) {
        return const_cast<Entry&>(*static_cast<const RightTable&>(*this).entry_at(index));
    }

    Task* owner_;
    Entry first_[inline_entries];
    Entry* chunks_[max_chunks] = {};
    uint32_t chunk_count_ = 0;
    uint32_t entries_ = inline_entries;
    uint32_t size_ = 0;
    uint32_t touched_ = 0;  // entries from here on were never used
    uint32_t free_ = no_entry;
};

}  // namespace kernel
