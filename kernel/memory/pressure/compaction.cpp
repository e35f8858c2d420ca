// SPDX-License-Identifier: Apache-2.0
// Compaction.
#include "kernel/memory/pressure/compaction.hpp"

#include "kernel/memory/frames/bits.hpp"
#include "kernel/memory/objects/memory_object.hpp"

namespace kernel {
namespace {

// While they are on their way from one object's page to another's.
constexpr FrameUse in_transit{FrameOwner::Kernel, 0};

MemoryObject* object_of(FrameRecord& record) {
    return std::atomic_ref<MemoryObject*>(record.object).load(std::memory_order_acquire);
}

}  // namespace

// Not inline: see frames/bits.cpp.
[[gnu::noinline]] void Compaction::consider(unsigned node, FrameRecords& records, uint32_t begin,
                                            Area& best) {
    unsigned pages = 0;
    for (uint32_t at = begin; at < begin + area_frames; ++at) {
        FrameRecord& record = records.at(at);
        if (record.use().owner == FrameOwner::Free) continue;
        if (object_of(record) == nullptr) return;
        ++pages;
    }
    if (pages != 0 && pages < best.pages) best = {node, begin, pages};
}

Result<Compaction::Area> Compaction::choose_area() {
    Frames& frames = memory_.frames();
    Area best{0, 0, area_frames};
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        FrameRecords& records = frames.records(node);
        const FrameMap& map = records.map();
        for (unsigned i = 0; i < map.run_count(); ++i) {
            const FrameMap::Run run = map.run(i);
            uint32_t at = (run.begin + area_frames - 1) / area_frames * area_frames;
            for (; at + area_frames <= run.end; at += area_frames) {
                consider(node, records, at, best);
                preemption_point();
            }
        }
    }
    if (best.pages == area_frames) return Status::NotFound;
    return best;
}

bool Compaction::holds(const Area& area, PhysicalAddress frame) {
    const Result<uint32_t> index = memory_.frames().records(area.node).map().index_of(frame);
    return index.ok() && index.value() / area_frames == area.begin / area_frames;
}

// Of the area's own node, as there are gaps to fill: elsewhere a free block might have to be
// broken.
Result<PhysicalAddress> Compaction::frame_outside(const Area& area, Aside& aside) {
    const FramePlacement own{FramePlacement::Policy::Bound, 1U << area.node, 0};
    for (;;) {
        Result<PhysicalAddress> found =
            memory_.frames().allocate(0, in_transit, Mobility::Movable, own);
        if (!found.ok()) found = memory_.frames().allocate(0, in_transit, Mobility::Movable);
        const PhysicalAddress frame = TRY(found);
        if (!holds(area, frame)) return frame;
        *static_cast<PhysicalAddress*>(hal::Machine::direct(frame)) = aside.first;
        aside.first = frame;
    }
}

Status Compaction::move_page(const Area& area, FrameRecord& record, Aside& aside) {
    Reclaim& reclaim = memory_.reclaim();
    const PhysicalAddress to = TRY(frame_outside(area, aside));
    bool moved = false;
    {
        const LockGuard guard(reclaim.lock());
        if (MemoryObject* object = object_of(record)) {
            const LockGuard object_guard(object->lock());
            if (object_of(record) == object) {
                const uint64_t index = record.page;
                object->hide(index);
                memory_.adopt_page(to, in_transit, object->owner_of(index));
                object->move(index, to);
                moved = true;
            }
        }
    }
    if (moved) {
        Reclaim::add(reclaim.info().pages_moved);
    } else {
        memory_.frames().free(to, in_transit);
    }
    return Status::Ok;
}

Status Compaction::empty_area(const Area& area, Aside& aside) {
    FrameRecords& records = memory_.frames().records(area.node);
    for (uint32_t at = area.begin; at < area.begin + area_frames; ++at) {
        FrameRecord& record = records.at(at);
        if (object_of(record) == nullptr) continue;
        TRY_STATUS(move_page(area, record, aside));
        preemption_point();
    }
    return Status::Ok;
}

void Compaction::free(const Aside& aside) {
    for (PhysicalAddress frame = aside.first; frame != 0;) {
        const PhysicalAddress next = *static_cast<PhysicalAddress*>(hal::Machine::direct(frame));
        memory_.frames().free(frame, in_transit);
        frame = next;
    }
}

bool Compaction::has_room(Memory& memory) {
    return memory.frames().free_frames() > memory.reclaim().watermarks().low + area_frames;
}

bool Compaction::is_worth_trying(Memory& memory) {
    return has_room(memory) && !memory.reclaim().compaction_pauses();
}

// Of 2 MiB, on all nodes.
uint64_t Compaction::free_blocks() {
    uint64_t sum = 0;
    for (unsigned node = 0; node < memory_.frames().node_count(); ++node) {
        const FreeHistogram histogram = memory_.frames().node(node).free_histogram();
        for (unsigned order = huge_order; order < order_count; ++order) {
            sum += histogram.blocks[order] << (order - huge_order);
        }
    }
    return sum;
}

Status Compaction::make_block() {
    const Status made = try_to_make_block();
    if (made != Status::Ok) memory_.reclaim().pause_compaction(pause_nanoseconds);
    return made;
}

Status Compaction::try_to_make_block() {
    if (!has_room(memory_)) return Status::NoMemory;
    const uint64_t before = free_blocks();
    const Area area = TRY(choose_area());
    Aside aside;
    const Status emptied = empty_area(area, aside);
    free(aside);
    TRY_STATUS(emptied);
    // Whether it has worked is for the allocator to say; this also empties the page caches.
    const PhysicalAddress block =
        TRY(memory_.frames().allocate(huge_order, in_transit, Mobility::Movable));
    memory_.frames().free(block, in_transit, huge_order);
    // The pages may have gone to an area that was free before: that could go on for ever.
    if (free_blocks() <= before) return Status::NotFound;
    Reclaim::add(memory_.reclaim().info().blocks_made);
    return Status::Ok;
}

}  // namespace kernel
