// SPDX-License-Identifier: Apache-2.0
// page_cache=on: free frames of order 0 kept by each CPU.
#include "kernel/memory/frames/page_cache.hpp"

#include "kernel/base/panic.hpp"
#include "kernel/memory/frames/layout.hpp"

namespace kernel {

uint64_t PageCache::metadata_size(const FrameMap& map) {
    Layout layout(nullptr);
    (void)layout.zeroes<StateByte>(map.span());
    return layout.used();
}

void PageCache::initialise(FrameStrategy& below, const FrameMap& map, void* metadata) {
    below_ = &below;
    map_ = map;
    separate_ = below.uses_mobility();
    Layout layout(metadata);
    states_ = layout.zeroes<StateByte>(map.span());
    static_assert(foreign == 0);
}

Result<PhysicalAddress> PageCache::allocate(const FrameRequest& request) {
    if (request.order != 0) return allocate_block(request);
    return allocate_frame(kind_of(request.mobility), request.cpu % hal::max_cpus);
}

Status PageCache::free(PhysicalAddress block, unsigned order, unsigned cpu) {
    cpu %= hal::max_cpus;
    return order == 0 ? free_frame(block, cpu) : free_block(block, order, cpu);
}

Result<PhysicalAddress> PageCache::allocate_frame(unsigned kind, unsigned cpu) {
    Magazines& mine = magazines(cpu, kind);
    uint32_t slot = pop(mine);
    // Another CPU in need may drain at once what was refilled, or refill what was drained.
    constexpr unsigned patience = 8;
    for (unsigned i = 0; slot == 0; ++i) {
        if (i == patience || !refill(mine, kind, cpu)) return Status::NoMemory;
        slot = pop(mine);
    }
    const uint32_t index = slot - 1;
    leave(index, cpu, given(kind));
    return map_.address_of(index);
}

Status PageCache::free_frame(PhysicalAddress frame, unsigned cpu) {
    const uint32_t index = TRY(map_.index_of(frame));
    const uint8_t state = state_of(index).load(std::memory_order_relaxed);
    if (state != given_movable && state != given_unmovable) return Status::NotFound;
    const unsigned kind = state == given_movable ? 0 : 1;
    state_of(index).store(cached_by(cpu), std::memory_order_relaxed);
    push(magazines(cpu, kind), index, cpu);
    return Status::Ok;
}

Result<PhysicalAddress> PageCache::allocate_block(const FrameRequest& request) {
    Result<PhysicalAddress> block = below_->allocate(request);
    if (!block.ok() && block.status() == Status::NoMemory && cached_frames() != 0) {
        drain();
        block = below_->allocate(request);
    }
    if (block.ok() && kind_of(request.mobility) != 0) {
        state_of(map_.index_of(block.value()).value())
            .store(unmovable_block, std::memory_order_relaxed);
    }
    return block;
}

// The number of its first frame; NotFound for a block with a frame that this layer knows was not
// given as this block.
Result<uint32_t> PageCache::find_block(PhysicalAddress block, unsigned order) const {
    if (order > largest_order()) return Status::InvalidArgument;
    const uint32_t first = TRY(map_.block_of(block, order));
    for (uint32_t i = first; i < first + (1U << order); ++i) {
        const uint8_t state = state_of(i).load(std::memory_order_relaxed);
        if (state == foreign || (state == unmovable_block && i == first)) continue;
        return Status::NotFound;
    }
    return first;
}

Status PageCache::free_block(PhysicalAddress block, unsigned order, unsigned cpu) {
    const uint32_t first = TRY(find_block(block, order));
    const uint8_t state = state_of(first).load(std::memory_order_relaxed);
    // Before the strategy has it: from then on it may be anybody's.
    if (state != foreign) state_of(first).store(foreign, std::memory_order_relaxed);
    const Status status = below_->free(block, order, cpu);
    if (status != Status::Ok && state != foreign) {
        state_of(first).store(state, std::memory_order_relaxed);
    }
    return status;
}

// The frames are this layer's from now on, as if it had given them.
Status PageCache::split(PhysicalAddress block, unsigned order, unsigned cpu) {
    const uint32_t first = TRY(find_block(block, order));
    TRY_STATUS(below_->split(block, order, cpu));
    const bool unmovable = state_of(first).load(std::memory_order_relaxed) == unmovable_block;
    for (uint32_t i = first; i < first + (1U << order); ++i) {
        state_of(i).store(given(unmovable ? 1 : 0), std::memory_order_relaxed);
    }
    return Status::Ok;
}

unsigned PageCache::allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                                  unsigned cpu) {
    const unsigned kind = kind_of(mobility);
    cpu %= hal::max_cpus;
    unsigned found = 0;
    for (; found < count; ++found) {
        const Result<PhysicalAddress> frame = allocate_frame(kind, cpu);
        if (!frame.ok()) break;
        frames[found] = frame.value();
    }
    return found;
}

unsigned PageCache::free_bulk(const PhysicalAddress* frames, unsigned count, unsigned cpu) {
    cpu %= hal::max_cpus;
    unsigned freed = 0;
    while (freed < count && free_frame(frames[freed], cpu) == Status::Ok) ++freed;
    return freed;
}

// A slot's content, 0 when both magazines are empty.
uint32_t PageCache::pop(Magazines& mine) {
    for (unsigned tries = 0; tries < 2; ++tries) {
        Magazine& magazine = mine.magazine[mine.in_use];
        while (magazine.top != 0) {
            std::atomic<uint32_t>& slot = magazine.slots[--magazine.top];
            if (slot.load(std::memory_order_relaxed) == 0) continue;  // drained by another CPU
            // Acquires what the frame's last owner did to it, on whichever CPU.
            const uint32_t content = slot.exchange(0, std::memory_order_acquire);
            if (content == 0) continue;
            mine.count.store(mine.count.load(std::memory_order_relaxed) - 1,
                             std::memory_order_relaxed);
            return content;
        }
        mine.in_use ^= 1;
    }
    return 0;
}

void PageCache::push(Magazines& mine, uint32_t index, unsigned cpu) {
    if (mine.magazine[mine.in_use].top == batch) {
        mine.in_use ^= 1;
        Magazine& magazine = mine.magazine[mine.in_use];
        if (magazine.top != 0) {
            const unsigned taken = empty(magazine, cpu);
            magazine.top = 0;
            mine.count.store(mine.count.load(std::memory_order_relaxed) - taken,
                             std::memory_order_relaxed);
        }
    }
    Magazine& magazine = mine.magazine[mine.in_use];
    // Counted before it can be taken out, so that the sum of all counts never falls below zero.
    mine.count.store(mine.count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    magazine.slots[magazine.top++].store(index + 1, std::memory_order_release);
}

// Fills the empty magazine in use; false when there is no free frame anywhere.
bool PageCache::refill(Magazines& mine, unsigned kind, unsigned cpu) {
    const auto mobility = static_cast<Mobility>(kind);
    PhysicalAddress frames[batch];
    unsigned found = below_->allocate_bulk(frames, batch, mobility, cpu);
    constexpr unsigned patience = 8;
    for (unsigned i = 0; found == 0 && i < patience && cached_frames() != 0; ++i) {
        drain();
        found = below_->allocate_bulk(frames, batch, mobility, cpu);
    }
    while (found-- > 0) {
        // From the last to the first, so that they are given in the order they came.
        const uint32_t index = map_.index_of(frames[found]).value();
        state_of(index).store(cached_by(cpu), std::memory_order_relaxed);
        push(mine, index, cpu);
    }
    return mine.magazine[mine.in_use].top != 0;
}

void PageCache::leave(uint32_t index, unsigned cpu, uint8_t state) {
    if (state_of(index).load(std::memory_order_relaxed) != cached_by(cpu)) [[unlikely]] {
        KERNEL_PANIC("two CPUs freed the same frame at once", map_.address_of(index), cpu);
    }
    state_of(index).store(state, std::memory_order_relaxed);
}

// Gives what is in a magazine of that CPU, which another one may do for it, back to the strategy;
// how many frames.
unsigned PageCache::empty(Magazine& magazine, unsigned cpu) {
    PhysicalAddress frames[batch];
    unsigned count = 0;
    for (std::atomic<uint32_t>& slot : magazine.slots) {
        if (slot.load(std::memory_order_relaxed) == 0) continue;
        const uint32_t content = slot.exchange(0, std::memory_order_acquire);
        if (content == 0) continue;
        // Before the strategy has it: from then on it may be anybody's.
        leave(content - 1, cpu, foreign);
        frames[count++] = map_.address_of(content - 1);
    }
    KERNEL_ASSERT(below_->free_bulk(frames, count, cpu) == count);
    return count;
}

void PageCache::drain() {
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        for (Magazines& magazines : magazines_[cpu]) {
            if (magazines.count.load(std::memory_order_relaxed) == 0) continue;
            for (Magazine& magazine : magazines.magazine) {
                drained_.fetch_add(empty(magazine, cpu), std::memory_order_relaxed);
            }
        }
    }
}

uint64_t PageCache::cached_frames() const {
    // Counts wrap around together with drained_, as a frame drained was counted by its CPU before.
    uint32_t sum = 0U - drained_.load(std::memory_order_relaxed);
    for (const auto& of_cpu : magazines_) {
        for (const Magazines& magazines : of_cpu) {
            sum += magazines.count.load(std::memory_order_relaxed);
        }
    }
    // While others take and drain, a count may be seen too late.
    return sum <= hal::max_cpus * mobility_count * capacity ? sum : 0;
}

FreeHistogram PageCache::free_histogram() const {
    FreeHistogram result = below_->free_histogram();
    result.blocks[0] += cached_frames();
    return result;
}

bool PageCache::consistent() const {
    uint64_t in_slots = 0;
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        for (const Magazines& magazines : magazines_[cpu]) {
            for (const Magazine& magazine : magazines.magazine) {
                for (unsigned i = 0; i < batch; ++i) {
                    const uint32_t content = magazine.slots[i].load(std::memory_order_relaxed);
                    if (content == 0) continue;
                    if (i >= magazine.top || content > map_.span()) return false;
                    const uint8_t state = state_of(content - 1).load(std::memory_order_relaxed);
                    if (state != cached_by(cpu)) return false;
                    ++in_slots;
                }
            }
        }
    }
    uint64_t marked = 0;
    for (uint32_t i = 0; i < map_.span(); ++i) {
        marked += state_of(i).load(std::memory_order_relaxed) >= cached ? 1 : 0;
    }
    return in_slots == marked && marked == cached_frames() && below_->consistent();
}

}  // namespace kernel
