// SPDX-License-Identifier: Apache-2.0
// Frames: the choice among nodes, and what is shown.
#include "kernel/memory/frame_allocator.hpp"

#include <string.h>

#include "hal/machine.hpp"
#include "kernel/base/panic.hpp"
#include "kernel/base/text.hpp"

namespace kernel {

using hal::Machine;

namespace {

// The kernel needs memory to free memory.
bool is_of_programs(FrameOwner owner) {
    switch (owner) {
        case FrameOwner::Anonymous:
        case FrameOwner::Shared:
        case FrameOwner::File:
        case FrameOwner::Held: return true;
        default: return false;
    }
}

}  // namespace

void Frames::initialise(FrameStrategy& strategy, FrameRecords& records, abi::FrameCounts* counts) {
    node_count_ = 0;
    total_ = 0;
    info_ = nullptr;
    counts_ = counts;
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) counts_[cpu] = {};
    for (unsigned& node : cpu_nodes_) node = 0;
    for (Changes& changes : changes_) {
        changes.lacking = ~uint32_t{0};
        for (std::atomic<uint64_t>& used : changes.used) used.store(0, std::memory_order_relaxed);
    }
    (void)add_node(strategy, records);
}

unsigned Frames::add_node(FrameStrategy& strategy, FrameRecords& records) {
    KERNEL_ASSERT(node_count_ < max_nodes);
    const unsigned node = node_count_++;
    nodes_[node] = {&strategy, &records, strategy.total_frames(), {}};
    total_ += nodes_[node].total;
    for (unsigned other = 0; other <= node; ++other) {
        distances_[node][other] = other == node ? local_distance : remote_distance;
        distances_[other][node] = distances_[node][other];
    }
    for (unsigned from = 0; from < node_count_; ++from) sort_nodes(from);
    return node;
}

void Frames::replace_strategy(unsigned node, FrameStrategy& strategy) {
    nodes_[node].strategy = &strategy;
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
        info.nodes[node].frames_total = nodes_[node].strategy->total_frames();
        info.nodes[node].metadata_bytes = nodes_[node].strategy->metadata_bytes();
    }
    show();
}

Frames::Order Frames::order_for(const FramePlacement& placement, unsigned cpu) const {
    using Policy = FramePlacement::Policy;
    const uint8_t* near = by_distance_[cpu_nodes_[cpu]];
    const uint32_t mask = placement.allowed_nodes();
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

Result<PhysicalAddress> Frames::allocate(unsigned order, FrameUse use, Mobility mobility,
                                         const FramePlacement& placement, uint64_t* ticks) {
    const unsigned cpu = Machine::cpu_index();
    const Wanted wanted{{order, mobility, cpu}, use, ticks};
    const Order nodes = order_for(placement, cpu);
    if (ticks != nullptr) *ticks = 0;
    Result<PhysicalAddress> block = Status::NoMemory;
    if (is_of_programs(use.owner)) {
        block = allocate_on(nodes, Floor::Low, wanted);
        if (block.status() == Status::NoMemory) block = allocate_on(nodes, Floor::Min, wanted);
    } else {
        block = allocate_on(nodes, Floor::None, wanted);
    }
    if (block.status() == Status::NoMemory) {
        changes_[cpu].lacking = placement.allowed_nodes() & node_mask();
    }
    return block;
}

Result<PhysicalAddress> Frames::allocate_on(const Order& nodes, Floor floor, const Wanted& wanted) {
    Status status = Status::NoMemory;
    for (unsigned i = 0; i < nodes.count; ++i) {
        Node& node = nodes_[nodes.nodes[i]];
        if (!reaches(node, floor, wanted.request.order)) continue;
        const Result<PhysicalAddress> block = allocate_from(node, wanted);
        if (block.ok()) return block;
        status = block.status();
    }
    return status;
}

Result<PhysicalAddress> Frames::allocate_from(Node& node, const Wanted& wanted) {
    const FrameRequest& request = wanted.request;
    const uint64_t begin = wanted.ticks != nullptr ? Machine::counter() : 0;
    const Result<PhysicalAddress> block = node.strategy->allocate(request);
    if (wanted.ticks != nullptr) *wanted.ticks += Machine::counter() - begin;
    if (!block.ok()) return block;
    give(node, block.value(), request.order, request.mobility, wanted.use);
    count_used(node, request.cpu, uint64_t{1} << request.order);
    count_change(request.cpu, FrameOwner::Free, wanted.use.owner, uint64_t{1} << request.order);
    return block;
}

// As much stays free as the floor says.
bool Frames::reaches(const Node& node, Floor floor, unsigned order) const {
    if (floor == Floor::None || node.marks.low == 0) return true;
    const uint64_t kept = floor == Floor::Low ? node.marks.low : node.marks.min;
    return free_frames(static_cast<unsigned>(&node - nodes_)) + 1 >= kept + (uint64_t{1} << order);
}

uint64_t Frames::free_frames(unsigned node) const {
    uint64_t used = 0;
    for (const Changes& changes : changes_) {
        used += changes.used[node].load(std::memory_order_relaxed);
    }
    return nodes_[node].total - used;
}

uint32_t Frames::lacking_nodes() const {
    return changes_[Machine::cpu_index()].lacking & node_mask();
}

void Frames::set_lacking_nodes(uint32_t nodes) {
    changes_[Machine::cpu_index()].lacking = nodes;
}

Result<PhysicalAddress> Frames::allocate_zeroed(unsigned order, FrameUse use, Mobility mobility,
                                                const FramePlacement& placement) {
    const PhysicalAddress block = TRY(allocate(order, use, mobility, placement));
    memset(Machine::direct(block), 0, hal::page_size << order);
    return block;
}

unsigned Frames::allocate_bulk(PhysicalAddress* frames, unsigned count, FrameUse use,
                               Mobility mobility, const FramePlacement& placement) {
    const unsigned cpu = Machine::cpu_index();
    const Order nodes = order_for(placement, cpu);
    unsigned found = 0;
    for (unsigned i = 0; i < nodes.count && found < count; ++i) {
        Node& node = nodes_[nodes.nodes[i]];
        unsigned at = found;
        found += node.strategy->allocate_bulk(frames + found, count - found, mobility, cpu);
        count_used(node, cpu, found - at);
        for (; at < found; ++at) give(node, frames[at], 0, mobility, use);
    }
    count_change(cpu, FrameOwner::Free, use.owner, found);
    return found;
}

void Frames::free(PhysicalAddress block, FrameUse use, unsigned order, uint64_t* ticks) {
    const unsigned cpu = Machine::cpu_index();
    FrameRecord* record = nullptr;
    Node* node = node_of(block, cpu, record);
    take_back(record, block, order, use);
    const uint64_t begin = ticks != nullptr ? Machine::counter() : 0;
    const Status status = node->strategy->free(block, order, cpu);
    if (ticks != nullptr) *ticks = Machine::counter() - begin;
    if (status != Status::Ok) [[unlikely]] {
        KERNEL_PANIC("freed a frame that was not allocated", block, order,
                     static_cast<uint64_t>(status));
    }
    count_used(*node, cpu, ~((uint64_t{1} << order) - 1));
    count_change(cpu, use.owner, FrameOwner::Free, uint64_t{1} << order);
}

void Frames::free_bulk(const PhysicalAddress* frames, unsigned count, FrameUse use) {
    const unsigned cpu = Machine::cpu_index();
    for (unsigned done = 0; done < count;) {
        // As many as lie on one node.
        FrameRecord* record = nullptr;
        Node* const node = node_of(frames[done], cpu, record);
        unsigned end = done;
        do {
            take_back(record, frames[end], 0, use);
            ++end;
        } while (end < count && (record = node->records->find(frames[end])) != nullptr);
        const unsigned freed = node->strategy->free_bulk(frames + done, end - done, cpu);
        if (freed != end - done) [[unlikely]] {
            KERNEL_PANIC("freed a frame that was not allocated", frames[done + freed]);
        }
        count_used(*node, cpu, ~(uint64_t{freed} - 1));
        done = end;
    }
    count_change(cpu, use.owner, FrameOwner::Free, count);
}

void Frames::split(PhysicalAddress block, unsigned order) {
    const unsigned cpu = Machine::cpu_index();
    FrameRecord* record = nullptr;
    Node* const node = node_of(block, cpu, record);
    const Status status =
        node != nullptr ? node->strategy->split(block, order, cpu) : Status::InvalidArgument;
    if (status != Status::Ok) [[unlikely]] {
        KERNEL_PANIC("split what is no allocated block", block, order,
                     static_cast<uint64_t>(status));
    }
}

FrameRecord* Frames::find_record(PhysicalAddress frame) {
    FrameRecord* record = nullptr;
    return node_of(frame, Machine::cpu_index(), record) != nullptr ? record : nullptr;
}

FrameRecord& Frames::record(PhysicalAddress frame) {
    FrameRecord* const record = find_record(frame);
    KERNEL_ASSERT(record != nullptr);
    return *record;
}

void Frames::change_use(PhysicalAddress frame, FrameUse from, FrameUse to) {
    FrameRecord& record = this->record(frame);
    if (record.use() != from) [[unlikely]] {
        KERNEL_PANIC("took over a frame of somebody else", frame, record.owner, record.task);
    }
    record.owner = static_cast<uint8_t>(to.owner);
    record.task = static_cast<uint8_t>(to.task);
    if (from.owner != to.owner) count_change(Machine::cpu_index(), from.owner, to.owner, 1);
}

unsigned Frames::node_index_of(PhysicalAddress frame) {
    FrameRecord* record = nullptr;
    const Node* const node = node_of(frame, Machine::cpu_index(), record);
    KERNEL_ASSERT(node != nullptr);
    return static_cast<unsigned>(node - nodes_);
}

// The nodes know which frames are theirs. Most are the caller's.
Frames::Node* Frames::node_of(PhysicalAddress frame, unsigned cpu, FrameRecord*& record) {
    const uint8_t* near = by_distance_[cpu_nodes_[cpu]];
    for (unsigned i = 0; i < node_count_; ++i) {
        Node& node = nodes_[near[i]];
        record = node.records->find(frame);
        if (record != nullptr) return &node;
    }
    return nullptr;
}

void Frames::give(Node& node, PhysicalAddress block, unsigned order, Mobility mobility,
                  FrameUse use) {
    FrameRecord* const first = node.records->find(block);
    const FrameRecord used{nullptr, 0, 0, static_cast<uint8_t>(use.owner),
                           static_cast<uint8_t>(use.task)};
    for (FrameRecord* record = first; record < first + (1U << order); ++record) *record = used;
    if (observer_ != nullptr) [[unlikely]]
        observer_->allocated(block, order, mobility, use);
}

// Checks that the frames are the user's, and marks them free: before the strategy has them, as from
// then on they may be anybody's.
void Frames::take_back(FrameRecord* record, PhysicalAddress block, unsigned order, FrameUse use) {
    if (record == nullptr) [[unlikely]] {
        KERNEL_PANIC("freed a frame that was not allocated", block, order);
    }
    for (FrameRecord* const end = record + (1U << order); record < end; ++record) {
        if (record->use() != use) [[unlikely]] {
            if (record->use().owner == FrameOwner::Free) {
                KERNEL_PANIC("freed a frame that was not allocated", block, order);
            }
            KERNEL_PANIC("freed a frame of somebody else", block, record->owner, record->task);
        }
        *record = FrameRecord{};
    }
    if (observer_ != nullptr) [[unlikely]]
        observer_->freed(block, order, use);
}

uint64_t Frames::frames_of(FrameOwner owner) const {
    if (counts_ == nullptr) return 0;  // memory has not been set up yet
    uint64_t sum = owner == FrameOwner::Free ? total_ : 0;
    for (unsigned cpu = 0; cpu < hal::max_cpus; ++cpu) {
        sum += std::atomic_ref<uint64_t>(counts_[cpu].owners[static_cast<uint32_t>(owner)])
                   .load(std::memory_order_relaxed);
    }
    return sum;
}

bool Frames::consistent() const {
    for (unsigned node = 0; node < node_count_; ++node) {
        if (!nodes_[node].strategy->consistent()) return false;
    }
    return true;
}

// Only a CPU itself writes its counts. Less is more modulo 2^64.
void Frames::count_used(const Node& node, unsigned cpu, uint64_t more) {
    std::atomic<uint64_t>& used = changes_[cpu].used[&node - nodes_];
    used.store(used.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

void Frames::count_change(unsigned cpu, FrameOwner from, FrameOwner to, uint64_t frames) {
    uint64_t* const owners = counts_[cpu].owners;
    const std::atomic_ref<uint64_t> less(owners[static_cast<uint32_t>(from)]);
    const std::atomic_ref<uint64_t> more(owners[static_cast<uint32_t>(to)]);
    less.store(less.load(std::memory_order_relaxed) - frames, std::memory_order_relaxed);
    more.store(more.load(std::memory_order_relaxed) + frames, std::memory_order_relaxed);
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
        const FreeHistogram histogram = nodes_[node].strategy->free_histogram();
        for (unsigned order = 0; order < order_count; ++order) {
            shown.free_blocks[order] = histogram.blocks[order];
        }
        shown.frames_free = nodes_[node].strategy->free_frames();
    }
    info_->shown_ticks = Machine::counter();
}

}  // namespace kernel
