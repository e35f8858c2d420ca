// SPDX-License-Identifier: Apache-2.0
// kernel_heap=tlsf: pools and blocks.
#include "kernel/memory/heap/tlsf_heap.hpp"

#include "kernel/memory/heap/poison.hpp"

namespace kernel {

using hal::Machine;

Result<void*> TlsfHeap::allocate(size_t size) {
    if (size > largest) return huge_.allocate(size);
    const size_t room = rounded(size);

    const LockGuard guard(lock_);
    TlsfBlock* block = index_.find(room);
    if (block == nullptr) block = TRY(grow());
    index_.remove(*block);
    if (block == spare_) spare_ = nullptr;
    split(*block, room);
    block->room_bits &= ~TlsfBlock::free_bit;
    ++figures_.objects;
    figures_.bytes += block->room();
    return static_cast<void*>(block->object());
}

void TlsfHeap::free(void* object) {
    if (HugeObjects::may_be(object) && huge_.free(object)) return;

    const LockGuard guard(lock_);
    TlsfBlock* block = TlsfBlock::of(object);
    check_used(*block);
    --figures_.objects;
    figures_.bytes -= block->room();
    block->room_bits |= TlsfBlock::free_bit;
    TlsfBlock* behind = block->after();
    if (behind->is_free()) {
        index_.remove(*behind);
        absorb(*block, *behind);
    }
    if (TlsfBlock* before = block->before; before != nullptr && before->is_free()) {
        index_.remove(*before);
        absorb(*before, *block);
        block = before;
    }
    if (is_whole_pool(*block)) {
        if (spare_ != nullptr) return give_back(*block);
        spare_ = block;
    }
    index_.insert(*block);
}

// Rooms are bounded by the pool, so that a broken one leads nowhere far.
void TlsfHeap::check_used(TlsfBlock& block) const {
    const bool sound = reinterpret_cast<uintptr_t>(&block) % 16 == 0 && block.room_bits % 16 == 0 &&
                       block.room() >= smallest && block.room() < TlsfIndex::limit &&
                       block.after()->before == &block;
    if (!sound) {
        KERNEL_PANIC("heap: freed a pointer that is no object, or is free",
                     reinterpret_cast<uintptr_t>(block.object()), block.room_bits);
    }
}

// A block of at least `room` keeps that and becomes two if the rest can be one.
void TlsfHeap::split(TlsfBlock& block, size_t room) {
    if (block.room() < room + tlsf_header + smallest) return;
    const size_t rest = block.room() - room - tlsf_header;
    block.room_bits = room | (block.room_bits & TlsfBlock::free_bit);
    TlsfBlock* second = block.after();
    second->before = &block;
    second->room_bits = rest | TlsfBlock::free_bit;
    second->after()->before = second;
    index_.insert(*second);
}

void TlsfHeap::absorb(TlsfBlock& block, TlsfBlock& behind) {
    block.room_bits += tlsf_header + behind.room();
    block.after()->before = &block;
    if (poisons_) poison(&behind, sizeof(TlsfBlock));
}

// A pool with one block, free and in the index.
Result<TlsfBlock*> TlsfHeap::grow() {
    unsigned order = pool_order;
    Result<PhysicalAddress> frames = frames_.allocate(order, kernel_use);
    if (!frames.ok()) {
        order = 0;
        frames = frames_.allocate(order, kernel_use);
    }
    if (!frames.ok()) return Status::NoMemory;
    auto* pool = new (Machine::direct(frames.value())) Pool;
    pool->order = order;
    pools_.push_back(*pool);
    figures_.frames += uint64_t{1} << order;

    TlsfBlock* block = pool->first();
    const size_t room = (hal::page_size << order) - sizeof(Pool) - 2 * tlsf_header;
    block->before = nullptr;
    block->room_bits = room | TlsfBlock::free_bit;
    if (poisons_) poison(block->object(), room);
    TlsfBlock* end = block->after();
    end->before = block;
    end->room_bits = 0;
    index_.insert(*block);
    return block;
}

bool TlsfHeap::is_whole_pool(TlsfBlock& block) {
    return block.before == nullptr && block.after()->room_bits == 0;
}

// Precondition: the block is in no list.
void TlsfHeap::give_back(TlsfBlock& whole) {
    Pool* pool = reinterpret_cast<Pool*>(&whole) - 1;
    const auto order = static_cast<unsigned>(pool->order);
    pools_.remove(*pool);
    figures_.frames -= uint64_t{1} << order;
    frames_.free(Machine::physical(pool), kernel_use, order);
}

void TlsfHeap::trim() {
    const LockGuard guard(lock_);
    if (spare_ == nullptr) return;
    index_.remove(*spare_);
    give_back(*spare_);
    spare_ = nullptr;
}

// Records of huge objects are no objects that anybody asked for.
HeapFigures TlsfHeap::figures() const {
    HeapFigures sum = huge_.figures();
    const LockGuard guard(lock_);
    sum.frames += figures_.frames;
    sum.objects += figures_.objects - huge_.count();
    sum.bytes += figures_.bytes;
    return sum;
}

size_t TlsfHeap::room_for(size_t size) const {
    return size > largest ? HugeObjects::room_for(size) : rounded(size);
}

bool TlsfHeap::consistent(Pool& pool, uint64_t& free, HeapFigures& sum) const {
    const auto end = reinterpret_cast<uintptr_t>(&pool) + (hal::page_size << pool.order);
    sum.frames += uint64_t{1} << pool.order;
    TlsfBlock* before = nullptr;
    TlsfBlock* block = pool.first();
    for (; block->room() != 0; before = block, block = block->after()) {
        if (block->before != before || block->room() % 16 != 0) return false;
        if (reinterpret_cast<uintptr_t>(block->after()) + tlsf_header > end) return false;
        if (block->is_free()) {
            if (before != nullptr && before->is_free()) return false;
            if (is_whole_pool(*block) && block != spare_) return false;
            ++free;
        } else {
            ++sum.objects;
            sum.bytes += block->room();
        }
    }
    return block->before == before && block->room_bits == 0 &&
           reinterpret_cast<uintptr_t>(block) + tlsf_header == end;
}

bool TlsfHeap::consistent() const {
    const LockGuard guard(lock_);
    uint64_t free = 0;
    HeapFigures sum;
    for (Pool* pool = pools_.front(); pool != nullptr; pool = pools_.next(*pool)) {
        if (!consistent(*pool, free, sum)) return false;
    }
    uint64_t indexed = 0;
    return index_.consistent(indexed) && indexed == free && sum.frames == figures_.frames &&
           sum.objects == figures_.objects && sum.bytes == figures_.bytes && huge_.consistent();
}

}  // namespace kernel
