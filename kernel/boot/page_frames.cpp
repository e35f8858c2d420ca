// SPDX-License-Identifier: Apache-2.0
// Physical memory at boot.
#include "kernel/boot/page_frames.hpp"

#include "kernel/kernel.hpp"

namespace kernel {
namespace {

constexpr uint32_t no_node = UINT32_MAX;

Result<FrameMap*> map_of(const FreeMemory& memory, unsigned node, FrameMap& map) {
    FrameRange ranges[FreeMemory::max_ranges];
    const unsigned count = memory.ranges_of(node, ranges);
    const Status status = map.initialise(ranges, count);
    if (status != Status::Ok) return status;
    return &map;
}

// A strategy for a node and the records of its frames, with their metadata in that node's own
// memory; null when it has not enough.
FrameStrategy* make_node(FreeMemory& memory, unsigned node) {
    Kernel& k = kernel();
    const StrategyKind& kind = *find_strategy(k.options.page_allocator);
    const bool cached = k.options.page_cache;
    FrameMap map;
    if (!map_of(memory, node, map).ok()) return nullptr;
    const uint64_t bytes = NodeFrames::metadata_size(kind, map, cached);
    const uint64_t record_bytes = FrameRecords::size(map);
    const Result<PhysicalAddress> metadata = memory.carve(bytes, node);
    const Result<PhysicalAddress> records = memory.carve(record_bytes, node);
    // What was carved out is not managed: the map is smaller then, and its metadata as well.
    if (!metadata.ok() || !records.ok() || !map_of(memory, node, map).ok()) return nullptr;
    k.frame_records[node].initialise(map, hal::Machine::direct(records.value()));
    k.info.frame_record_bytes += record_bytes;
    return k.node_frames[node].initialise(kind, map, cached,
                                          hal::Machine::direct(metadata.value()));
}

}  // namespace

const char* set_up_frames(FreeMemory& memory) {
    static_assert(FreeMemory::max_ranges <= FrameMap::max_ranges);
    Kernel& k = kernel();
    unsigned index_of[Frames::max_nodes];
    for (unsigned node = 0; node < k.machine.node_count; ++node) {
        index_of[node] = no_node;
        FrameStrategy* strategy = make_node(memory, node);
        if (strategy == nullptr) continue;
        const unsigned index = k.frames.node_count();
        if (index == 0) {
            k.frames.initialise(*strategy, k.frame_records[node], k.info.frame_counts);
        } else {
            (void)k.frames.add_node(*strategy, k.frame_records[node]);
        }
        index_of[node] = index;
        k.info.frames.nodes[index].id = k.machine.node_ids[node];
    }
    if (k.frames.node_count() == 0) return "no usable memory, or no room for the page allocator";

    for (unsigned from = 0; from < k.machine.node_count; ++from) {
        for (unsigned to = 0; to < k.machine.node_count; ++to) {
            const uint32_t distance = k.machine.distances[from][to];
            if (index_of[from] == no_node || index_of[to] == no_node || distance == 0) continue;
            k.frames.set_distance(index_of[from], index_of[to], distance);
        }
    }
    for (unsigned cpu = 0; cpu < k.machine.cpu_count; ++cpu) {
        const unsigned node = index_of[k.machine.cpu_nodes[cpu]];
        k.frames.set_cpu_node(cpu, node == no_node ? 0 : node);
    }
    k.info.frames.page_cache = k.options.page_cache ? 1 : 0;
    k.info.frames_total = k.frames.total_frames();
    k.frames.show_in(k.info.frames);
    return nullptr;
}

}  // namespace kernel
