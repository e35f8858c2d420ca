// SPDX-License-Identifier: Apache-2.0
// Frames: physical memory as the kernel uses it. A strategy for each NUMA node, the choice among
// nodes, and the figures that the outside sees.
#pragma once

#include <atomic>

#include "kernel/abi/info.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/memory/frames/frame_strategy.hpp"

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
};

class Frames final {
  public:
    static constexpr unsigned max_nodes = abi::max_memory_nodes;

    // One node and nothing else. `free_count` is where the number of free frames is shown
    // (abi::KernelInfo::frames_free).
    void initialise(FrameStrategy& strategy, uint64_t& free_count);
    // Another node; its index. Precondition: initialised, below max_nodes, no memory in use.
    unsigned add_node(FrameStrategy& strategy);
    // Relative cost of access, 10 within a node. Until said, the others are at 20.
    void set_distance(unsigned from, unsigned to, uint32_t distance);
    void set_cpu_node(unsigned cpu, unsigned node) { cpu_nodes_[cpu] = node; }
    // Where free blocks are shown.
    void show_in(abi::FrameInfo& info);

    // Unsupported: no strategy has blocks of that order. NoMemory.
    [[nodiscard]] Result<PhysicalAddress> allocate(unsigned order = 0,
                                                   Mobility mobility = Mobility::Unmovable,
                                                   const FramePlacement& placement = {});
    // The same, filled with zeroes.
    [[nodiscard]] Result<PhysicalAddress> allocate_zeroed(unsigned order = 0,
                                                          Mobility mobility = Mobility::Unmovable,
                                                          const FramePlacement& placement = {});
    // Up to `count` frames of order 0; how many were found.
    [[nodiscard]] unsigned allocate_bulk(PhysicalAddress* frames, unsigned count,
                                         Mobility mobility = Mobility::Unmovable,
                                         const FramePlacement& placement = {});
    // Precondition: `block` came from allocate() with the same order; otherwise the kernel has a
    // bug and panics.
    void free(PhysicalAddress block, unsigned order = 0);
    void free_bulk(const PhysicalAddress* frames, unsigned count);

    [[nodiscard]] uint64_t free_frames() const;
    [[nodiscard]] uint64_t total_frames() const { return total_; }
    [[nodiscard]] const char* strategy_name() const { return nodes_[0]->name(); }
    [[nodiscard]] unsigned node_count() const { return node_count_; }
    [[nodiscard]] FrameStrategy& node(unsigned index) { return *nodes_[index]; }
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
    struct alignas(64) Changes {
        uint32_t operations = 0;
    };

    [[nodiscard]] Order order_for(const FramePlacement& placement, unsigned cpu) const;
    void sort_nodes(unsigned from);
    [[nodiscard]] Status free_somewhere(PhysicalAddress block, unsigned order, unsigned cpu);
    void count(int64_t frames, unsigned cpu);
    void show();

    FrameStrategy* nodes_[max_nodes] = {};
    unsigned node_count_ = 0;
    uint32_t distances_[max_nodes][max_nodes] = {};
    uint8_t by_distance_[max_nodes][max_nodes] = {};
    unsigned cpu_nodes_[hal::max_cpus] = {};
    uint64_t* free_count_ = nullptr;
    uint64_t total_ = 0;
    abi::FrameInfo* info_ = nullptr;
    std::atomic<bool> showing_{false};
    Changes changes_[hal::max_cpus];
};

}  // namespace kernel
