// SPDX-License-Identifier: Apache-2.0
// Frames: the choice among nodes, and what is shown.
#include "kernel/memory/frame_allocator.hpp"

#include <string.h>

#include "hal/machine.hpp"
#include "kernel/base/panic.hpp"
#include "kernel/base/text.hpp"

namespace kernel {

using hal::Machine;

void Frames::initialise(FrameStrategy& strategy, uint64_t& free_count) {
    node_count_ = 0;
    total_ = 0;
    info_ = nullptr;
    free_count_ = &free_count;
    *free_count_ = 0;
    for (unsigned& node : cpu_nodes_) node = 0;
    (void)add_node(strategy);
}

unsigned Frames::add_node(FrameStrategy& strategy) {
    KERNEL_ASSERT(node_count_ < max_nodes);
    const unsigned node = node_count_++;
    nodes_[node] = &strategy;
    total_ += strategy.total_frames();
    *free_count_ += strategy.free_frames();
    for (unsigned other = 0; other <= node; ++other) {
        distances_[node][other] = other == node ? local_distance : remote_distance;
        distances_[other][node] = distances_[node][other];
    }
    for (unsigned from = 0; from < node_count_; ++from) sort_nodes(from);
    return node;
}

void Frames::set_distance(unsigned from, unsigned to, uint32_t distance) {
    if (from >= node_count_ || to >= node_count_) return;
    distances_[from][to] = distance;
    sort_nodes(from);
}

// Of nodes at one distance, the one with the lower index comes first.
void Frames::sort_nodes(unsigned from) {
    uint8_t* order = by_distance_[from];
    for (unsigned node = 0; node < node_count_; ++node) {
        unsigned at = node;
        for (; at > 0 && distances_[from][order[at - 1]] > distances_[from][node]; --at) {
            order[at] = order[at - 1];
        }
        order[at] = static_cast<uint8_t>(node);
    }
}

void Frames::show_in(abi::FrameInfo& info) {
    info_ = &info;
    copy_text(info.allocator, strategy_name());
    info.nodes_present = node_count_;
    for (unsigned node = 0; node < node_count_; ++node) {
        info.nodes[node].frames_total = nodes_[node]->total_frames();
        info.nodes[node].metadata_bytes = nodes_[node]->metadata_bytes();
    }
    show();
}

Frames::Order Frames::order_for(const FramePlacement& placement, unsigned cpu) const {
    using Policy = FramePlacement::Policy;
    const uint8_t* near = by_distance_[cpu_nodes_[cpu]];
    const uint32_t mask = placement.policy == Policy::Local ? ~uint32_t{0} : placement.nodes;
    Order order{};
    for (unsigned i = 0; i < node_count_; ++i) {
        if ((mask >> near[i] & 1) != 0) order.nodes[order.count++] = near[i];
    }
    if (placement.policy != Policy::Interleaved || order.count == 0) return order;

    // The turn goes by index, whoever asks.
    uint64_t turn = placement.position % order.count;
    unsigned first = 0;
    while ((mask >> first & 1) == 0 || turn-- != 0) ++first;
    unsigned at = 0;
    while (order.nodes[at] != first) ++at;
    for (; at > 0; --at) order.nodes[at] = order.nodes[at - 1];
    order.nodes[0] = static_cast<uint8_t>(first);
    return order;
}

Result<PhysicalAddress> Frames::allocate(unsigned order, Mobility mobility,
                                         const FramePlacement& placement) {
    const FrameRequest request{order, mobility, Machine::cpu_index()};
    const Order nodes = order_for(placement, request.cpu);
    Status status = Status::NoMemory;
    for (unsigned i = 0; i < nodes.count; ++i) {
        const Result<PhysicalAddress> block = nodes_[nodes.nodes[i]]->allocate(request);
        if (block.ok()) {
            count(-(int64_t{1} << order), request.cpu);
            return block;
        }
        status = block.status();
    }
    return status;
}

Result<PhysicalAddress> Frames::allocate_zeroed(unsigned order, Mobility mobility,
                                                const FramePlacement& placement) {
    const PhysicalAddress block = TRY(allocate(order, mobility, placement));
    memset(Machine::direct(block), 0, hal::page_size << order);
    return block;
}

unsigned Frames::allocate_bulk(PhysicalAddress* frames, unsigned count, Mobility mobility,
                               const FramePlacement& placement) {
    const unsigned cpu = Machine::cpu_index();
    const Order nodes = order_for(placement, cpu);
    unsigned found = 0;
    for (unsigned i = 0; i < nodes.count && found < count; ++i) {
        FrameStrategy& node = *nodes_[nodes.nodes[i]];
        found += node.allocate_bulk(frames + found, count - found, mobility, cpu);
    }
    this->count(-int64_t{found}, cpu);
    return found;
}

void Frames::free(PhysicalAddress block, unsigned order) {
    const unsigned cpu = Machine::cpu_index();
    const Status status = free_somewhere(block, order, cpu);
    if (status != Status::Ok) {
        KERNEL_PANIC("freed a frame that was not allocated", block, order,
                     static_cast<uint64_t>(status));
    }
    count(int64_t{1} << order, cpu);
}

void Frames::free_bulk(const PhysicalAddress* frames, unsigned count) {
    for (unsigned i = 0; i < count; ++i) free(frames[i]);
}

// The nodes know which addresses are theirs. Most are the caller's.
Status Frames::free_somewhere(PhysicalAddress block, unsigned order, unsigned cpu) {
    const uint8_t* near = by_distance_[cpu_nodes_[cpu]];
    Status status = Status::InvalidArgument;
    for (unsigned i = 0; i < node_count_; ++i) {
        status = nodes_[near[i]]->free(block, order, cpu);
        if (status != Status::InvalidArgument) return status;
    }
    return status;
}

uint64_t Frames::free_frames() const {
    uint64_t sum = 0;
    for (unsigned node = 0; node < node_count_; ++node) sum += nodes_[node]->free_frames();
    return sum;
}

bool Frames::consistent() const {
    for (unsigned node = 0; node < node_count_; ++node) {
        if (!nodes_[node]->consistent()) return false;
    }
    return true;
}

void Frames::count(int64_t frames, unsigned cpu) {
    std::atomic_ref<uint64_t>(*free_count_)
        .fetch_add(static_cast<uint64_t>(frames), std::memory_order_relaxed);
    if (++changes_[cpu].operations >= show_interval) show_changes();
}

void Frames::show_changes() {
    uint32_t& operations = changes_[Machine::cpu_index()].operations;
    if (operations == 0 || info_ == nullptr) return;
    // While another CPU does it, nobody waits: the next occasion is near.
    if (showing_.exchange(true, std::memory_order_acquire)) return;
    operations = 0;
    show();
    showing_.store(false, std::memory_order_release);
}

void Frames::show() {
    for (unsigned node = 0; node < node_count_; ++node) {
        abi::FrameNodeInfo& shown = info_->nodes[node];
        const FreeHistogram histogram = nodes_[node]->free_histogram();
        for (unsigned order = 0; order < order_count; ++order) {
            shown.free_blocks[order] = histogram.blocks[order];
        }
        shown.frames_free = nodes_[node]->free_frames();
    }
    info_->shown_ticks = Machine::counter();
}

}  // namespace kernel
