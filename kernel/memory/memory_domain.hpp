// SPDX-License-Identifier: Apache-2.0
// MemoryDomain: how much memory a part of the tree of containers has, and how much it may have.
//
// A counter with a limit counts for all domains above it as well, without a lock. As in Linux
// (mm/page_counter.c) a charge adds first and takes back when that was too much, so a charge that
// races with one that is too large can be refused though there would have been room.
// Invariant: a counter is the sum of what was charged to its domain and to those below it.
#pragma once

#include <stdint.h>

#include <atomic>

#include "kernel/base/result.hpp"

namespace kernel {

class KernelHeap;

class ResourceCounter final {
  public:
    static constexpr uint64_t no_limit = UINT64_MAX;

    explicit ResourceCounter(ResourceCounter* parent) : parent_(parent) {}

    // All of it, here and above, or nothing: then the counter that is full.
    [[nodiscard]] ResourceCounter* charge(uint64_t count);
    // Above every limit, where there is no way back.
    void force(uint64_t count);
    // Precondition: so much was charged.
    void discharge(uint64_t count);

    [[nodiscard]] uint64_t current() const { return current_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t peak() const { return peak_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t max() const { return max_.load(std::memory_order_relaxed); }
    void set_max(uint64_t max) { max_.store(max, std::memory_order_relaxed); }
    [[nodiscard]] bool has_room(uint64_t count) const {
        const uint64_t now = current();
        return now <= max() && count <= max() - now;
    }

  private:
    void note_peak(uint64_t value);

    ResourceCounter* parent_;
    std::atomic<uint64_t> current_{0};
    std::atomic<uint64_t> peak_{0};
    std::atomic<uint64_t> max_{no_limit};
};

// memory.events: of this domain and those below.
struct MemoryDomainEvents {
    std::atomic<uint64_t> high{0};      // threads that were held back
    std::atomic<uint64_t> max{0};       // charges that were refused
    std::atomic<uint64_t> oom{0};       // times nothing could be freed
    std::atomic<uint64_t> oom_kill{0};  // tasks that were ended for that
};

class MemoryDomain final {
  public:
    // The reference is the caller's; the parent's, if there is one, is taken. NoMemory.
    [[nodiscard]] static Result<MemoryDomain*> create(KernelHeap& heap, MemoryDomain* parent);

    explicit MemoryDomain(MemoryDomain* parent)
        : memory_(parent != nullptr ? &parent->memory_ : nullptr),
          swap_(parent != nullptr ? &parent->swap_ : nullptr),
          parent_(parent) {}
    MemoryDomain(const MemoryDomain&) = delete;
    MemoryDomain& operator=(const MemoryDomain&) = delete;

    // Its container, and objects that several tasks share.
    void reference() { references_.fetch_add(1, std::memory_order_relaxed); }
    void release(KernelHeap& heap);

    [[nodiscard]] const ResourceCounter& memory() const { return memory_; }
    [[nodiscard]] ResourceCounter& memory() { return memory_; }
    [[nodiscard]] const ResourceCounter& swap() const { return swap_; }
    [[nodiscard]] ResourceCounter& swap() { return swap_; }
    [[nodiscard]] uint64_t high() const { return high_.load(std::memory_order_relaxed); }
    void set_high(uint64_t frames) { high_.store(frames, std::memory_order_relaxed); }
    [[nodiscard]] const MemoryDomainEvents& events() const { return events_; }

    // Frames. LimitReached.
    [[nodiscard]] Status charge(uint64_t frames);
    void discharge(uint64_t frames) { memory_.discharge(frames); }
    // What can neither fail nor be much: page tables.
    void force(uint64_t frames) { memory_.force(frames); }

    // This domain or the first one above without room for another frame; null if there is none.
    [[nodiscard]] MemoryDomain* full();
    // The same for memory.high.
    [[nodiscard]] MemoryDomain* over_high();
    // `other`, which may be null, is this domain or below it.
    [[nodiscard]] bool contains(const MemoryDomain* other) const;

    // Events count in all domains above as well.
    void count_high() { count(&MemoryDomainEvents::high); }
    void count_out_of_memory() { count(&MemoryDomainEvents::oom); }
    void count_end() { count(&MemoryDomainEvents::oom_kill); }

  private:
    void count(std::atomic<uint64_t> MemoryDomainEvents::*event);

    ResourceCounter memory_;  // frames
    ResourceCounter swap_;    // pages that are stored away
    std::atomic<uint64_t> high_{ResourceCounter::no_limit};
    MemoryDomainEvents events_;
    MemoryDomain* parent_;
    std::atomic<uint32_t> references_{1};
};

}  // namespace kernel
