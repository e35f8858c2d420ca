// SPDX-License-Identifier: Apache-2.0
// AuditLog: the system calls that threads of a container have made, newest last, in a ring that
// forgets the oldest.
//
// Written without a lock by all CPUs: a writer takes the next number, makes the record's own number
// 0, fills it, and sets the number last. A reader copies a record and takes it only if its number
// was the right one before and after: what is being written over is counted as lost.
#pragma once

#include <atomic>

#include "kernel/abi/container.hpp"
#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

class AuditLog final {
  public:
    static constexpr uint64_t capacity = abi::audit_capacity;

    // NoMemory.
    [[nodiscard]] static Result<AuditLog*> create(KernelHeap& heap);
    static void destroy(KernelHeap& heap, AuditLog* log);

    explicit AuditLog(abi::AuditRecord* records) : records_(records) {}

    // Which calls are wanted: abi::AuditMode bits; 0: none.
    void set_mode(uint32_t mode) { mode_.store(mode, std::memory_order_relaxed); }
    [[nodiscard]] uint32_t mode() const { return mode_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool wants(uint64_t call) const {
        const uint32_t now = mode();
        if ((now & abi::AuditCalls) != 0) return true;
        return (now & abi::AuditCapabilities) != 0 && abi::is_capability_call(call);
    }

    void put(const abi::AuditRecord& record);
    // The oldest record that was not read yet; false when there is none. `lost` becomes how many
    // were forgotten before it. One reader at a time.
    [[nodiscard]] bool take(abi::AuditRecord& record, uint64_t& lost);

  private:
    abi::AuditRecord* records_;
    std::atomic<uint32_t> mode_{0};
    std::atomic<uint64_t> next_{0};  // records written since the begin
    uint64_t read_ = 0;              // of them, read or lost
};

}  // namespace kernel
