// SPDX-License-Identifier: Apache-2.0
// Frames: physical memory as the kernel uses it. A strategy for each NUMA node, the choice among
// nodes, who has each frame, and the figures that the outside sees.
#pragma once

#include <atomic>

#include "kernel/abi/info.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/memory/frame_records.hpp"
#include "kernel/memory/pressure/watermarks.hpp"

namespace kernel {

// On which nodes memory is wanted.
struct FramePlacement {
    enum class Policy : uint32_t {
        Local,        // the caller's node, then the others by distance
        Bound,        // only nodes of the mask, the nearest first
        Interleaved,  // the nodes of the mask in turn, by position; the others of it if that is
                      // full
    };
    Policy policy = Policy::Local;
    uint32_t nodes = ~uint32_t{0};  // mask of node indices
    uint64_t position = 0;          // of the page in what is interleaved

    // On which memory may lie.
    [[nodiscard]] uint32_t allowed_nodes() const {
        return policy == Policy::Local ? ~uint32_t{0} : nodes;
    }
};

// Is told of every block that changes hands, in an order that could have been: after it has been
// taken, before it is given back.
class FrameObserver {
  public:
    virtual void allocated(PhysicalAddress block, unsigned order, Mobility mobility,
                           FrameUse use) = 0;
    virtual void freed(PhysicalAddress block, unsigned order, FrameUse use) = 0;

  protected:
    ~FrameObserver() = default;
};

class Frames final {
  public:
    static constexpr unsigned max_nodes = abi::max_memory_nodes;

    // One node and nothing else, with the records of its frames. `counts` are those of max_cpus
    // CPUs, by owner (abi::KernelInfo::frame_counts). Precondition: all frames are free.
    void initialise(FrameStrategy& strategy, FrameRecords& records, abi::FrameCounts* counts);
    // Another node; its index. Precondition: initialised, below max_nodes, no memory in use.
    unsigned add_node(FrameStrategy& strategy, FrameRecords& records);
    // Another strategy over the same frames, such as a layer over the one before.
    void replace_strategy(unsigned node, FrameStrategy& strategy);
    // Relative cost of access, 10 within a node. Until said, the others are at 20.
    void set_distance(unsigned from, unsigned to, uint32_t distance);
    void set_cpu_node(unsigned cpu, unsigned node) { cpu_nodes_[cpu] = node; }
    // What programs leave free on a node: see allocate(). Nothing until said.
    void set_watermarks(unsigned node, const Watermarks& marks) { nodes_[node].marks = marks; }
    // From now on. Precondition: it lives as long as this.
    void observe(FrameObserver& observer) { observer_ = &observer; }
    // Where free blocks are shown.
    void show_in(abi::FrameInfo& info);

    // Unsupported: no strategy has blocks of that order. NoMemory: for memory of programs also when
    // only what is below `min` is left, which is the kernel's own; below `low` they take where no
    // other node will do (as Linux does: mm/page_alloc.c, get_page_from_freelist()). Who measures
    // strategies says where the ticks are to go that they take, without what is done here.
    [[nodiscard]] Result<PhysicalAddress> allocate(unsigned order, FrameUse use,
                                                   Mobility mobility = Mobility::Unmovable,
                                                   const FramePlacement& placement = {},
                                                   uint64_t* ticks = nullptr);
    // The same, filled with zeroes.
    [[nodiscard]] Result<PhysicalAddress> allocate_zeroed(unsigned order, FrameUse use,
                                                          Mobility mobility = Mobility::Unmovable,
                                                          const FramePlacement& placement = {});
    // Up to `count` frames of order 0; how many were found.
    [[nodiscard]] unsigned allocate_bulk(PhysicalAddress* frames, unsigned count, FrameUse use,
                                         Mobility mobility = Mobility::Unmovable,
                                         const FramePlacement& placement = {});
    // Precondition: `block` came from allocate() with the same order, and is the user's given;
    // otherwise the kernel has a bug and panics.
    void free(PhysicalAddress block, FrameUse use, unsigned order = 0, uint64_t* ticks = nullptr);
    // Frames of order 0 of one user.
    void free_bulk(const PhysicalAddress* frames, unsigned count, FrameUse use);
    // Makes a block of that order frames, each of which is then freed by itself. Precondition as
    // free().
    void split(PhysicalAddress block, unsigned order);

    // The record of an allocated frame. Precondition: `frame` is one of those managed.
    [[nodiscard]] FrameRecord& record(PhysicalAddress frame);
    // The same, or null for memory that is not managed: a device's, the archive.
    [[nodiscard]] FrameRecord* find_record(PhysicalAddress frame);
    // The node of a frame. Precondition: as record().
    [[nodiscard]] unsigned node_index_of(PhysicalAddress frame);
    // A frame changes hands. Precondition: it is `from`'s.
    void change_use(PhysicalAddress frame, FrameUse from, FrameUse to);

    // Frames that an owner has; exact while nobody allocates or frees.
    [[nodiscard]] uint64_t frames_of(FrameOwner owner) const;
    [[nodiscard]] uint64_t free_frames() const { return frames_of(FrameOwner::Free); }
    [[nodiscard]] uint64_t free_frames(unsigned node) const;
    [[nodiscard]] uint64_t total_frames(unsigned node) const { return nodes_[node].total; }
    [[nodiscard]] const Watermarks& watermarks(unsigned node) const { return nodes_[node].marks; }
    // All nodes there are, as a mask.
    [[nodiscard]] uint32_t node_mask() const { return (1U << node_count_) - 1; }
    // On which nodes this CPU's last allocation that failed looked for memory, as a mask; all until
    // one has failed. Whoever is told NoMemory finds here where it is lacking.
    [[nodiscard]] uint32_t lacking_nodes() const;
    void set_lacking_nodes(uint32_t nodes);
    [[nodiscard]] uint64_t total_frames() const { return total_; }
    [[nodiscard]] const char* strategy_name() const { return nodes_[0].strategy->name(); }
    [[nodiscard]] unsigned node_count() const { return node_count_; }
    [[nodiscard]] FrameStrategy& node(unsigned index) { return *nodes_[index].strategy; }
    [[nodiscard]] FrameRecords& records(unsigned index) { return *nodes_[index].records; }
    [[nodiscard]] unsigned node_of_cpu(unsigned cpu) const { return cpu_nodes_[cpu]; }
    [[nodiscard]] bool consistent() const;

    // Brings what is shown of free blocks up to date; only if this CPU has changed anything.
    void show_changes();

  private:
    static constexpr uint32_t local_distance = 10;
    static constexpr uint32_t remote_distance = 20;
    // Operations of a CPU after which free blocks are shown anew.
    static constexpr uint32_t show_interval = 256;

    // Nodes in the order in which an allocation tries them.
    struct Order {
        uint8_t nodes[max_nodes];
        unsigned count;
    };
    struct Node {
        FrameStrategy* strategy = nullptr;
        FrameRecords* records = nullptr;
        uint64_t total = 0;
        Watermarks marks;
    };
    // Of a CPU, which alone writes them.
    struct alignas(64) Changes {
        uint32_t operations = 0;
        uint32_t lacking = ~uint32_t{0};
        std::atomic<uint64_t> used[max_nodes] = {};  // of each node: taken less given back
    };
    enum class Floor : uint32_t { None, Min, Low };
    struct Wanted {
        FrameRequest request;
        FrameUse use;
        uint64_t* ticks;
    };

    [[nodiscard]] Order order_for(const FramePlacement& placement, unsigned cpu) const;
    void sort_nodes(unsigned from);
    [[nodiscard]] bool reaches(const Node& node, Floor floor, unsigned order) const;
    [[nodiscard]] Result<PhysicalAddress> allocate_on(const Order& nodes, Floor floor,
                                                      const Wanted& wanted);
    [[nodiscard]] Result<PhysicalAddress> allocate_from(Node& node, const Wanted& wanted);
    // The node of a frame, the caller's first; null for none. `record` is its record then.
    [[nodiscard]] Node* node_of(PhysicalAddress frame, unsigned cpu, FrameRecord*& record);
    void give(Node& node, PhysicalAddress block, unsigned order, Mobility mobility, FrameUse use);
    void take_back(FrameRecord* record, PhysicalAddress block, unsigned order, FrameUse use);
    void count_change(unsigned cpu, FrameOwner from, FrameOwner to, uint64_t frames);
    void count_used(const Node& node, unsigned cpu, uint64_t more);
    void show();

    Node nodes_[max_nodes];
    unsigned node_count_ = 0;
    uint32_t distances_[max_nodes][max_nodes] = {};
    uint8_t by_distance_[max_nodes][max_nodes] = {};
    unsigned cpu_nodes_[hal::max_cpus] = {};
    abi::FrameCounts* counts_ = nullptr;
    uint64_t total_ = 0;
    FrameObserver* observer_ = nullptr;
    abi::FrameInfo* info_ = nullptr;
    std::atomic<bool> showing_{false};
    Changes changes_[hal::max_cpus];
};

}  // namespace kernel
