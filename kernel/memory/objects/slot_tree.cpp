// SPDX-License-Identifier: Apache-2.0
// The radix tree of a memory object's slots.
#include "kernel/memory/objects/slot_tree.hpp"

#include <string.h>

#include "kernel/base/panic.hpp"

namespace kernel {

SlotTree::SlotTree(KernelHeap& heap, uint64_t pages) : heap_(heap), pages_(pages) {
    for (uint64_t covered = 1; covered < pages; covered <<= bits) ++height_;
}

SlotTree::~SlotTree() {
    if (height_ == 0) {
        KERNEL_ASSERT(root_ == 0);
    } else if (root_ != 0) {
        free_node(reinterpret_cast<Node*>(root_), height_);
    }
}

void SlotTree::free_node(Node* node, unsigned level) {
    for (const uint64_t entry : node->entry) {
        if (entry == 0) continue;
        KERNEL_ASSERT(level > 1);
        free_node(reinterpret_cast<Node*>(entry), level - 1);
    }
    heap_.free(node);
    --nodes_;
}

Result<SlotTree::Node*> SlotTree::new_node() {
    void* memory = TRY(heap_.allocate(sizeof(Node)));
    memset(memory, 0, sizeof(Node));
    ++nodes_;
    return static_cast<Node*>(memory);
}

Slot* SlotTree::find(uint64_t index) const {
    const uint64_t* entry = &root_;
    for (unsigned level = height_; level > 0; --level) {
        if (*entry == 0) return nullptr;
        entry = &reinterpret_cast<const Node*>(*entry)->entry[entry_of(index, level)];
    }
    return reinterpret_cast<Slot*>(const_cast<uint64_t*>(entry));
}

Slot SlotTree::get(uint64_t index) const {
    const Slot* slot = find(index);
    return slot == nullptr ? Slot() : *slot;
}

Result<Slot*> SlotTree::make(uint64_t index) {
    uint64_t* entry = &root_;
    for (unsigned level = height_; level > 0; --level) {
        if (*entry == 0) *entry = reinterpret_cast<uint64_t>(TRY(new_node()));
        entry = &reinterpret_cast<Node*>(*entry)->entry[entry_of(index, level)];
    }
    return reinterpret_cast<Slot*>(entry);
}

// Empties the slot below `entry`; true when nothing is left below it.
bool SlotTree::prune(uint64_t& entry, uint64_t index, unsigned level) {
    if (level == 0) {
        entry = 0;
        return true;
    }
    if (entry == 0) return true;
    auto* node = reinterpret_cast<Node*>(entry);
    if (!prune(node->entry[entry_of(index, level)], index, level - 1)) return false;
    for (const uint64_t other : node->entry) {
        if (other != 0) return false;
    }
    heap_.free(node);
    --nodes_;
    entry = 0;
    return true;
}

void SlotTree::clear(uint64_t index) {
    (void)prune(root_, index, height_);
}

Slot* SlotTree::next(uint64_t& index, uint64_t end) const {
    while (index < end) {
        const uint64_t* entry = &root_;
        unsigned level = height_;
        while (level > 0 && *entry != 0) {
            entry = &reinterpret_cast<const Node*>(*entry)->entry[entry_of(index, level)];
            --level;
        }
        if (level == 0 && *entry != 0) {
            return reinterpret_cast<Slot*>(const_cast<uint64_t*>(entry));
        }
        // Nothing below this entry: on to the first page behind it.
        const uint64_t span = uint64_t{1} << (bits * level);
        index = (index & ~(span - 1)) + span;
    }
    index = end;
    return nullptr;
}

}  // namespace kernel
