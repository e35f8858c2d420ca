// SPDX-License-Identifier: Apache-2.0
// The names that a task has for its rights.
#include "kernel/capability/right_table.hpp"

#include <new>

#include "kernel/base/panic.hpp"

namespace kernel {

void RightTable::add_chunk(void* memory) {
    KERNEL_ASSERT(can_grow());
    auto* entries = static_cast<Entry*>(memory);
    for (uint32_t i = 0; i < chunk_entries; ++i) new (entries + i) Entry();
    chunks_[chunk_count_++] = entries;
    entries_ += chunk_entries;
}

void* RightTable::take_chunk() {
    KERNEL_ASSERT(size_ == 0);
    if (chunk_count_ == 0) return nullptr;
    entries_ -= chunk_entries;
    free_ = no_entry;  // may lie in the chunk
    touched_ = entries_;
    return chunks_[--chunk_count_];
}

uint32_t RightTable::add(Right& right) {
    KERNEL_ASSERT(!is_full());
    uint32_t index = free_;
    if (index == no_entry) {
        index = touched_++;
    } else {
        free_ = entry_at(index).next_free;
    }
    Entry& entry = entry_at(index);
    entry.right = &right;
    ++size_;
    right.table = this;
    right.place = RightPlace::Table;
    right.name = entry.generation << 16 | index;
    return right.name;
}

void RightTable::remove(Right& right) {
    const uint32_t index = right.name & 0xffff;
    Entry& entry = entry_at(index);
    KERNEL_ASSERT(entry.right == &right && right.table == this);
    entry.right = nullptr;
    entry.generation = entry.generation == 0xffff ? 1 : entry.generation + 1;
    entry.next_free = free_;
    free_ = index;
    --size_;
    right.table = nullptr;
    right.name = abi::null_name;
    right.place = RightPlace::Nowhere;
}

Right* RightTable::next(uint32_t& position, uint32_t steps) const {
    for (; position < touched_ && steps != 0; ++position, --steps) {
        if (Right* right = entry_at(position)->right) return right;
    }
    return nullptr;
}

}  // namespace kernel
