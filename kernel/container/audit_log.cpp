// SPDX-License-Identifier: Apache-2.0
// AuditLog: the ring.
#include "kernel/container/audit_log.hpp"

namespace kernel {

Result<AuditLog*> AuditLog::create(KernelHeap& heap) {
    void* memory = TRY(heap.allocate(capacity * sizeof(abi::AuditRecord)));
    auto* records = static_cast<abi::AuditRecord*>(memory);
    for (uint64_t i = 0; i < capacity; ++i) records[i] = abi::AuditRecord{};
    const Result<AuditLog*> log = heap.create<AuditLog>(records);
    if (!log.ok()) heap.free(memory);
    return log;
}

void AuditLog::destroy(KernelHeap& heap, AuditLog* log) {
    heap.free(log->records_);
    heap.destroy(log);
}

void AuditLog::put(const abi::AuditRecord& record) {
    const uint64_t number = next_.fetch_add(1, std::memory_order_relaxed) + 1;
    abi::AuditRecord& place = records_[(number - 1) % capacity];
    const std::atomic_ref<uint64_t> mark(place.number);
    mark.store(0, std::memory_order_relaxed);
    // Who sees any of what follows sees that the number is 0, or is the new one.
    std::atomic_thread_fence(std::memory_order_release);
    place.ticks = record.ticks;
    place.task = record.task;
    place.thread = record.thread;
    place.call = record.call;
    place.status = record.status;
    place.argument = record.argument;
    mark.store(number, std::memory_order_release);
}

bool AuditLog::take(abi::AuditRecord& record, uint64_t& lost) {
    lost = 0;
    for (;;) {
        const uint64_t end = next_.load(std::memory_order_acquire);
        if (read_ == end) return false;
        if (end - read_ > capacity) {
            lost += end - read_ - capacity;
            read_ = end - capacity;
        }
        abi::AuditRecord& place = records_[read_ % capacity];
        const std::atomic_ref<uint64_t> mark(place.number);
        const uint64_t before = mark.load(std::memory_order_acquire);
        // Not written yet: it will be there the next time.
        if (before <= read_ && next_.load(std::memory_order_relaxed) - read_ <= capacity) {
            return false;
        }
        record = place;
        std::atomic_thread_fence(std::memory_order_acquire);
        ++read_;
        const bool whole = before == read_ && mark.load(std::memory_order_relaxed) == read_;
        if (whole) return true;
        ++lost;
    }
}

}  // namespace kernel
