// SPDX-License-Identifier: Apache-2.0
// Reclaim: frees frames whose content can be had again: pages of files, and anonymous pages for
// which there is room in swap.
//
// A clock goes over the frame records of all nodes (the second-chance algorithm; Corbato, "A Paging
// Experiment with the Multics System", 1969). Instead of a bit that the hardware sets, a page that
// is shown anywhere is taken out of all page tables first: who touches it maps it again by a fault,
// and the clock leaves it another round; who does not loses it when the clock comes by again.
//
// Whoever needs memory below `min` reclaims a batch at a time, on the nodes where it is wanted;
// idle CPUs do on each node that is below `low`, until its `high` is reached. The clock has a hand
// on each node, so that a search among some nodes leaves the others as they are. Work is in steps
// of bounded length with preemption points between them.
//
// Locks: from a frame the way leads to an object, which may be about to be freed. The lock of rank
// Reclaim is held from reading the record until the object has been let go of; whoever frees an
// object, which has no page any more by then, passes through it first (wait_for_look()). So an
// object that a record names under the lock is alive.
#pragma once

#include <atomic>

#include "kernel/abi/info.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/memory/frame_records.hpp"
#include "kernel/memory/pressure/watermarks.hpp"

namespace kernel {

class Memory;
class MemoryDomain;

class Reclaim final {
  public:
    // Pages that a call for memory frees at most, as Linux does (SWAP_CLUSTER_MAX).
    static constexpr unsigned batch = 32;

    explicit Reclaim(Memory& memory) : memory_(memory) {}

    // Sets the watermarks of all nodes; before, they are 0 and nobody reclaims in the background.
    // Precondition: all nodes are there.
    void set_up();
    // Nothing is reclaimed any more: who needs memory that there is not is told so.
    void turn_off() { is_on_ = false; }
    // From now on events are counted there.
    void show_in(abi::PressureInfo& info);
    // Is told when somebody who needs memory begins and ends to search for some.
    using StallObserver = void (*)(bool begins);
    void tell_stalls(StallObserver observer) { stall_observer_ = observer; }
    // Of all nodes together.
    [[nodiscard]] const Watermarks& watermarks() const { return marks_; }

    // An idle CPU should be woken to reclaim.
    [[nodiscard]] bool wants_help() const;

    // Frees up to `batch` pages of the nodes of a mask; false when there was none. Precondition: no
    // lock is held.
    [[nodiscard]] bool make_room(uint32_t nodes = ~uint32_t{0});
    // The same, of pages that a domain pays for: these are searched for among all frames.
    [[nodiscard]] bool make_room_in(const MemoryDomain& domain);
    // A step of an idle CPU; false when there is nothing to do. Precondition: no lock is held.
    [[nodiscard]] bool work_in_background();
    // Frees up to `wanted` pages of a task, whether they were used lately or not; how many.
    // Precondition: no lock is held.
    uint64_t take_from(uint32_t task, uint64_t wanted);
    // A page of an object, which is locked: takes it away from who shows it, and evicts it.
    [[nodiscard]] Status evict(MemoryObject& object, uint64_t index);

    // Whoever frees an object with no pages comes by here first. Precondition: no lock is held.
    void wait_for_look() { const LockGuard guard(lock_); }
    [[nodiscard]] SpinLock& lock() { return lock_; }

    // Compaction that is not asked for is left alone for a while after a failure.
    void pause_compaction(uint64_t nanoseconds);
    [[nodiscard]] bool compaction_pauses() const;

    void count_swapped_in() { add(info_->pages_swapped_in); }
    [[nodiscard]] abi::PressureInfo& info() { return *info_; }
    static void add(uint64_t& counter, uint64_t value = 1) {
        std::atomic_ref<uint64_t>(counter).fetch_add(value, std::memory_order_relaxed);
    }

  private:
    // Records that a step looks at, and pages that it tries to free.
    static constexpr unsigned step_records = 64;
    // Pages for which there was no room in swap after which a call gives up: each costs a
    // compression.
    static constexpr unsigned most_refusals = 1024;
    // Compressed pages that go on to the device for one that has been stored away: what they leave
    // in memory fits others only once it is a whole group.
    static constexpr unsigned most_moves = 2;
    static constexpr uint64_t pause_nanoseconds = 100'000'000;  // of idle CPUs after a vain round

    struct Step {
        unsigned freed = 0;
        unsigned refused = 0;
    };
    enum class Visit : uint32_t { Nothing, Freed, Refused };

    // Of a node, in the background.
    struct Node {
        uint32_t hand = 0;                     // of the clock; locked
        std::atomic<bool> filling{false};      // from below `low` until `high`
        std::atomic<uint64_t> pause_until{0};  // after rounds in vain
        uint64_t vain_records = 0;             // looked at since a page was freed; who works
    };

    [[nodiscard]] bool is_low(unsigned node) const;
    [[nodiscard]] uint32_t nodes_to_fill();
    void note_step(unsigned node, const Step& done);
    [[nodiscard]] uint64_t frames_on(uint32_t nodes) const;
    [[nodiscard]] bool has_candidates() const;
    // Of a domain's pages, if one is given.
    [[nodiscard]] Step step(unsigned wanted, uint32_t nodes, const MemoryDomain* domain = nullptr);
    [[nodiscard]] Step rounds(uint32_t nodes, const MemoryDomain* domain);
    // Locked. The next record of a page of an object, after at most `left` others; null if none.
    [[nodiscard]] FrameRecord* advance(unsigned& left, uint32_t nodes);
    void next_hand(uint32_t nodes);
    [[nodiscard]] Visit visit(FrameRecord& record, const MemoryDomain* domain);
    void move_old_pages();
    [[nodiscard]] bool take_page(FrameRecord& record, uint32_t task);

    Memory& memory_;
    SpinLock lock_{LockRank::Reclaim};
    Node nodes_[abi::max_memory_nodes];
    unsigned hand_node_ = 0;  // whose hand moves; locked
    Watermarks marks_;
    bool is_on_ = true;
    StallObserver stall_observer_ = nullptr;
    std::atomic<bool> working_{false};  // a CPU is at work in the background
    std::atomic<uint64_t> compaction_pause_until_{0};
    abi::PressureInfo own_info_{};
    abi::PressureInfo* info_ = &own_info_;
};

}  // namespace kernel
