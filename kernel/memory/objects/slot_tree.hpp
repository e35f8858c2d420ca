// SPDX-License-Identifier: Apache-2.0
// SlotTree: the slots of a memory object by page index, a radix tree of nodes of 64 entries.
//
// Its height follows from the number of pages: a single page needs no node at all, 64 pages one.
// Nodes come when a slot of theirs is made and go when their last slot is emptied. A look-up costs
// one load for each factor of 64.
#pragma once

#include "hal/types.hpp"
#include "kernel/memory/kernel_heap.hpp"
#include "kernel/memory/objects/slot.hpp"

namespace kernel {

class SlotTree final {
  public:
    SlotTree(KernelHeap& heap, uint64_t pages);
    // Precondition: every slot is empty; nodes that are left are freed.
    ~SlotTree();
    SlotTree(const SlotTree&) = delete;
    SlotTree& operator=(const SlotTree&) = delete;

    // Empty where no node is. Precondition of all: `index` below the number of pages.
    [[nodiscard]] Slot get(uint64_t index) const;
    // The slot's place, which stays valid until clear() or take(); null where no node is.
    [[nodiscard]] Slot* find(uint64_t index) const;
    // The same, with the nodes that lead to it. NoMemory.
    [[nodiscard]] Result<Slot*> make(uint64_t index);
    // Empties a slot and frees the nodes that only led to it.
    void clear(uint64_t index);

    // The first slot from `index` on, and below `end`, that is not empty; null if there is none.
    // `index` becomes that slot's, or `end`.
    [[nodiscard]] Slot* next(uint64_t& index, uint64_t end) const;

    [[nodiscard]] uint64_t pages() const { return pages_; }
    [[nodiscard]] uint64_t node_count() const { return nodes_; }

  private:
    static constexpr unsigned bits = 6;
    static constexpr unsigned entries = 1U << bits;
    struct Node {
        uint64_t entry[entries];  // slots on the lowest level, addresses of nodes above
    };
    static_assert(sizeof(Node) == 512 && sizeof(Slot) == sizeof(uint64_t));

    // Which entry of a node leads to `index`, on level 1 (slots) and above.
    static unsigned entry_of(uint64_t index, unsigned level) {
        return static_cast<unsigned>(index >> (bits * (level - 1))) % entries;
    }
    [[nodiscard]] Result<Node*> new_node();
    void free_node(Node* node, unsigned level);
    [[nodiscard]] bool prune(uint64_t& entry, uint64_t index, unsigned level);

    KernelHeap& heap_;
    uint64_t pages_;
    uint64_t root_ = 0;  // a slot when height_ is 0, otherwise the address of a node or 0
    uint64_t nodes_ = 0;
    unsigned height_ = 0;  // levels of nodes
};

}  // namespace kernel
