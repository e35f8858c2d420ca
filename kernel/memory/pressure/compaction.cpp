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

// Calls visit(node, records, number of its first frame) for each whole area of these nodes.
template <class Visit>
void Compaction::for_each_area(uint32_t nodes, Visit visit) {
    Frames& frames = memory_.frames();
    for (unsigned node = 0; node < frames.node_count(); ++node) {
        if ((nodes >> node & 1) == 0) continue;
        FrameRecords& records = frames.records(node);
        const FrameMap& map = records.map();
        for (unsigned i = 0; i < map.run_count(); ++i) {
            const FrameMap::Run run = map.run(i);
            uint32_t at = (run.begin + area_frames - 1) / area_frames * area_frames;
            for (; at + area_frames <= run.end; at += area_frames) {
                visit(node, records, at);
                preemption_point();
            }
        }
    }
}

Result<Compaction::Area> Compaction::choose_area(uint32_t nodes) {
    Area best{0, 0, area_frames};
    for_each_area(nodes, [&](unsigned node, FrameRecords& records, uint32_t begin) {
        consider(node, records, begin, best);
    });
    if (best.pages == area_frames) return Status::NotFound;
    return best;
}

// Nobody has a frame of it, though caches of CPUs may hold some.
// Not inline: see frames/bits.cpp.
[[gnu::noinline]] bool Compaction::is_free(FrameRecords& records, uint32_t begin) {
    for (uint32_t at = begin; at < begin + area_frames; ++at) {
        if (records.at(at).use().owner != FrameOwner::Free) return false;
    }
    return true;
}

uint64_t Compaction::free_areas(uint32_t nodes) {
    uint64_t sum = 0;
    for_each_area(nodes, [&](unsigned, FrameRecords& records, uint32_t begin) {
        if (is_free(records, begin)) ++sum;
    });
    return sum;
}

bool Compaction::holds(const Area& area, PhysicalAddress frame) {
    const Result<uint32_t> index = memory_.frames().records(area.node).map().index_of(frame);
    return index.ok() && index.value() / area_frames == area.begin / area_frames;
}

// An area's pages can go there without breaking a free block, and what is free in the area can be
// put aside.
bool Compaction::has_gaps(unsigned node) {
    const FreeHistogram histogram = memory_.frames().node(node).free_histogram();
    uint64_t gaps = 0;
    for (unsigned order = 0; order < huge_order; ++order) gaps += histogram.blocks[order] << order;
    return gaps >= area_frames;
}

uint32_t Compaction::nodes_with_gaps(uint32_t nodes) {
    uint32_t result = 0;
    for (unsigned node = 0; node < memory_.frames().node_count(); ++node) {
        if ((nodes >> node & 1) == 0 || !has_room_on(memory_, node)) continue;
        if (has_gaps(node)) result |= 1U << node;
    }
    return result;
}

Result<PhysicalAddress> Compaction::frame_outside(const Area& area, Aside& aside) {
    const FramePlacement placement{FramePlacement::Policy::Bound, 1U << area.node, 0};
    for (;;) {
        const PhysicalAddress frame =
            TRY(memory_.frames().allocate(0, in_transit, Mobility::Movable, placement));
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

bool Compaction::has_room_on(Memory& memory, unsigned node) {
    const Frames& frames = memory.frames();
    return frames.free_frames(node) > frames.watermarks(node).low + area_frames;
}

bool Compaction::has_room(Memory& memory, uint32_t nodes) {
    for (unsigned node = 0; node < memory.frames().node_count(); ++node) {
        if ((nodes >> node & 1) != 0 && has_room_on(memory, node)) return true;
    }
    return false;
}

bool Compaction::is_worth_trying(Memory& memory, uint32_t nodes) {
    return has_room(memory, nodes) && !memory.reclaim().compaction_pauses();
}

Status Compaction::make_block(uint32_t nodes) {
    const Status made = try_to_make_block(nodes);
    if (made != Status::Ok) memory_.reclaim().pause_compaction(pause_nanoseconds);
    return made;
}

Status Compaction::try_to_make_block(uint32_t nodes) {
    if (!has_room(memory_, nodes)) return Status::NoMemory;
    const uint32_t candidates = nodes_with_gaps(nodes);
    const Area area = TRY(choose_area(candidates));
    const uint32_t its_node = 1U << area.node;
    const uint64_t before = free_areas(its_node);
    Aside aside;
    const Status emptied = empty_area(area, aside);
    free(aside);
    TRY_STATUS(emptied);
    // Whether it has worked is for the allocator to say; this also empties the page caches.
    const FramePlacement placement{FramePlacement::Policy::Bound, its_node, 0};
    const PhysicalAddress block =
        TRY(memory_.frames().allocate(huge_order, in_transit, Mobility::Movable, placement));
    memory_.frames().free(block, in_transit, huge_order);
    // The pages may have gone to an area that was free before: that could go on for ever.
    if (free_areas(its_node) <= before) return Status::NotFound;
    Reclaim::add(memory_.reclaim().info().blocks_made);
    return Status::Ok;
}

}  // namespace kernel
