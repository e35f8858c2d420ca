// SPDX-License-Identifier: Apache-2.0
// Frames that a task holds without mapping them.
#include "kernel/memory/held_frames.hpp"

#include "kernel/abi/syscall.hpp"

namespace kernel {

using hal::Machine;

static_assert(HeldFrames::slots == abi::frame_slots && order_count == abi::frame_orders);

HeldFrames::Outcome HeldFrames::allocate(uint64_t slot, unsigned order, Mobility mobility,
                                         const FramePlacement& placement, FrameBudget& budget) {
    if (slot >= slots || order > max_order) return {Status::InvalidArgument, 0};
    const Result<Entry*> entry = make_entry(slot);
    if (!entry.ok()) return {entry.status(), 0};
    uint64_t empty = 0;
    if (!entry.value()->compare_exchange_strong(empty, changing, std::memory_order_acquire)) {
        return {Status::Busy, 0};
    }
    uint64_t ticks = 0;
    const Result<PhysicalAddress> block = allocate_block(order, mobility, placement, budget, ticks);
    entry.value()->store(block.ok() ? block.value() | taken | order : 0, std::memory_order_release);
    return {block.status(), ticks};
}

Result<PhysicalAddress> HeldFrames::allocate_block(unsigned order, Mobility mobility,
                                                   const FramePlacement& placement,
                                                   FrameBudget& budget, uint64_t& ticks) {
    TRY_STATUS(budget.take(uint64_t{1} << order));
    const Result<PhysicalAddress> block =
        frames_.allocate(order, use_, mobility, placement, &ticks);
    if (!block.ok()) budget.put(uint64_t{1} << order);
    return block;
}

HeldFrames::Outcome HeldFrames::free(uint64_t slot, unsigned order, FrameBudget& budget) {
    if (slot >= slots || order > max_order) return {Status::InvalidArgument, 0};
    Entry* entry = find_entry(slot);
    if (entry == nullptr) return {Status::NotFound, 0};
    uint64_t held = entry->load(std::memory_order_acquire);
    if ((held & taken) == 0) return {Status::NotFound, 0};
    if ((held & order_mask) != order) return {Status::InvalidArgument, 0};
    // Of two who free it at once, one comes too late.
    if (!entry->compare_exchange_strong(held, changing, std::memory_order_acquire)) {
        return {Status::NotFound, 0};
    }
    uint64_t ticks = 0;
    frames_.free(held & ~(hal::page_size - 1), use_, order, &ticks);
    entry->store(0, std::memory_order_release);
    budget.put(uint64_t{1} << order);
    return {Status::Ok, ticks};
}

void HeldFrames::release() {
    constexpr unsigned batch = 16;  // slots between preemption points
    Root* root = root_.load(std::memory_order_acquire);
    if (root == nullptr) return;
    for (std::atomic<Leaf*>& place : root->leaves) {
        Leaf* leaf = place.load(std::memory_order_acquire);
        if (leaf == nullptr) continue;
        FrameBudget budget(space_);
        for (uint64_t i = 0; i < entries; ++i) {
            const uint64_t held = leaf->entries[i].load(std::memory_order_relaxed);
            if (i % batch == 0) preemption_point();
            if (held == 0) continue;
            const auto order = static_cast<unsigned>(held & order_mask);
            frames_.free(held & ~(hal::page_size - 1), use_, order);
            budget.put(uint64_t{1} << order);
        }
        release_table(leaf);
    }
    release_table(root);
    root_.store(nullptr, std::memory_order_release);
}

void HeldFrames::release_table(void* table) {
    frames_.free(Machine::physical(table), use_);
    space_.discharge(1);
}

HeldFrames::Entry* HeldFrames::find_entry(uint64_t slot) const {
    Root* root = root_.load(std::memory_order_acquire);
    if (root == nullptr) return nullptr;
    Leaf* leaf = root->leaves[slot / entries].load(std::memory_order_acquire);
    return leaf == nullptr ? nullptr : &leaf->entries[slot % entries];
}

Result<HeldFrames::Entry*> HeldFrames::make_entry(uint64_t slot) {
    Root* root = TRY(table_at(root_));
    Leaf* leaf = TRY(table_at(root->leaves[slot / entries]));
    return &leaf->entries[slot % entries];
}

template <class Table>
Result<Table*> HeldFrames::table_at(std::atomic<Table*>& place) {
    static_assert(sizeof(Table) == hal::page_size);
    if (Table* table = place.load(std::memory_order_acquire)) return table;
    TRY_STATUS(space_.charge(1));
    const Result<PhysicalAddress> frame = frames_.allocate_zeroed(0, use_);
    if (!frame.ok()) {
        space_.discharge(1);
        return frame.status();
    }
    // Zeroes are empty slots and missing leaves.
    auto* table = static_cast<Table*>(Machine::direct(frame.value()));
    Table* other = nullptr;
    if (place.compare_exchange_strong(other, table, std::memory_order_acq_rel)) return table;
    release_table(table);
    return other;
}

}  // namespace kernel
