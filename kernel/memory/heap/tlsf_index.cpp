// SPDX-License-Identifier: Apache-2.0
// The two-level index of kernel_heap=tlsf.
#include "kernel/memory/heap/tlsf_index.hpp"

namespace kernel {

TlsfIndex::Place TlsfIndex::place_of(size_t room) {
    if (room < size_t{1} << first_bits) return {0, static_cast<unsigned>(room / column_count)};
    const unsigned bits = log2(room);
    return {bits - first_bits + 1, static_cast<unsigned>(room >> (bits - 4)) % column_count};
}

void TlsfIndex::insert(TlsfBlock& block) {
    const Place place = place_of(block.room());
    TlsfBlock*& head = lists_[place.row][place.column];
    block.next = head;
    block.previous = nullptr;
    if (head != nullptr) head->previous = &block;
    head = &block;
    rows_ |= 1U << place.row;
    columns_[place.row] |= 1U << place.column;
}

void TlsfIndex::remove(TlsfBlock& block) {
    const Place place = place_of(block.room());
    if (block.next != nullptr) block.next->previous = block.previous;
    if (block.previous != nullptr) {
        block.previous->next = block.next;
        return;
    }
    lists_[place.row][place.column] = block.next;
    if (block.next != nullptr) return;
    columns_[place.row] &= ~(1U << place.column);
    if (columns_[place.row] == 0) rows_ &= ~(1U << place.row);
}

TlsfBlock* TlsfIndex::find(size_t room) const {
    // Of the room's own list the first may do; in all lists behind it, any does.
    const Place own = place_of(room);
    TlsfBlock* first = lists_[own.row][own.column];
    if (first != nullptr && first->room() >= room) return first;

    unsigned row = own.row;
    uint32_t columns = columns_[row] & ~uint32_t{1} << own.column;
    if (columns == 0) {
        const uint32_t rows = rows_ & ~uint32_t{1} << row;
        if (rows == 0) return nullptr;
        row = static_cast<unsigned>(__builtin_ctz(rows));
        columns = columns_[row];
    }
    return lists_[row][__builtin_ctz(columns)];
}

bool TlsfIndex::list_consistent(unsigned row, unsigned column, uint64_t& count) const {
    const TlsfBlock* previous = nullptr;
    const TlsfBlock* block = lists_[row][column];
    if ((block != nullptr) != ((columns_[row] >> column & 1) != 0)) return false;
    for (; block != nullptr; previous = block, block = block->next, ++count) {
        const Place place = place_of(block->room());
        if (!block->is_free() || block->previous != previous) return false;
        if (place.row != row || place.column != column) return false;
    }
    return true;
}

bool TlsfIndex::consistent(uint64_t& count) const {
    count = 0;
    for (unsigned row = 0; row < row_count; ++row) {
        if ((columns_[row] != 0) != ((rows_ >> row & 1) != 0)) return false;
        for (unsigned column = 0; column < column_count; ++column) {
            if (!list_consistent(row, column, count)) return false;
        }
    }
    return true;
}

}  // namespace kernel
