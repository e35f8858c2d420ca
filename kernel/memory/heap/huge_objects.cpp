// SPDX-License-Identifier: Apache-2.0
// Objects that are blocks of frames.
#include "kernel/memory/heap/huge_objects.hpp"

#include "kernel/memory/heap/poison.hpp"

namespace kernel {

unsigned HugeObjects::order_for(size_t size) {
    unsigned order = 0;
    while (hal::page_size << order < size) ++order;
    return order;
}

// Multiplication by 2^64 / golden ratio: Knuth, The Art of Computer Programming, volume 3, 6.4.
unsigned HugeObjects::bucket_of(PhysicalAddress block) {
    return static_cast<unsigned>(block / hal::page_size * 0x9e37'79b9'7f4a'7c15 >> 58);
}

Result<void*> HugeObjects::allocate(size_t size) {
    if (size > KernelHeap::huge_largest) return Status::Unsupported;
    const unsigned order = order_for(size);
    auto* record = static_cast<Record*>(TRY(records_.allocate(sizeof(Record))));
    const Result<PhysicalAddress> block = frames_.allocate(order, kernel_use);
    if (!block.ok()) {
        free_record(record);
        return block.status();
    }
    void* object = hal::Machine::direct(block.value());
    if (poisons_) poison(object, hal::page_size << order);

    const LockGuard guard(lock_);
    Record*& bucket = buckets_[bucket_of(block.value())];
    *record = {bucket, block.value(), order};
    bucket = record;
    count_.store(count() + 1, std::memory_order_relaxed);
    frames_held_.store(figures().frames + (uint64_t{1} << order), std::memory_order_relaxed);
    return object;
}

bool HugeObjects::free(void* object) {
    const PhysicalAddress block = hal::Machine::physical(object);
    Record* record = remove(block);
    if (record == nullptr) return false;
    frames_.free(block, kernel_use, record->order);
    free_record(record);
    return true;
}

void HugeObjects::free_record(Record* record) {
    if (poisons_) poison(record, sizeof *record);
    records_.free(record);
}

HugeObjects::Record* HugeObjects::remove(PhysicalAddress block) {
    const LockGuard guard(lock_);
    Record** link = &buckets_[bucket_of(block)];
    while (*link != nullptr && (*link)->block != block) link = &(*link)->next;
    Record* record = *link;
    if (record == nullptr) return nullptr;
    *link = record->next;
    count_.store(count() - 1, std::memory_order_relaxed);
    frames_held_.store(figures().frames - (uint64_t{1} << record->order),
                       std::memory_order_relaxed);
    return record;
}

HeapFigures HugeObjects::figures() const {
    const uint64_t frames = frames_held_.load(std::memory_order_relaxed);
    return {frames, count(), frames * hal::page_size};
}

bool HugeObjects::consistent() const {
    uint64_t count = 0;
    uint64_t frames = 0;
    for (unsigned bucket = 0; bucket < bucket_count; ++bucket) {
        for (const Record* record = buckets_[bucket]; record != nullptr; record = record->next) {
            if (bucket_of(record->block) != bucket || record->order > max_order) return false;
            if (record->block % (hal::page_size << record->order) != 0) return false;
            if (++count > this->count()) return false;
            frames += uint64_t{1} << record->order;
        }
    }
    return count == this->count() && frames == figures().frames;
}

}  // namespace kernel
