// SPDX-License-Identifier: Apache-2.0
// The memory of a kernel that runs natively.
//
// Safety: as in native_objects.cpp, nothing of the kernel is called but what is inlined, and
// nothing is written.
#include "sim/phone/native_memory.hpp"

#include <algorithm>

#include "kernel/kernel.hpp"
#include "kernel/memory/heap/slab_heap.hpp"

namespace orrery::phone {
namespace {

using kernel::FrameMap;
using kernel::FrameOwner;
using kernel::FrameRecord;

// A position is a node and the number of a frame in it.
constexpr unsigned node_shift = 32;
static_assert(FrameMap::max_span <= uint64_t{1} << node_shift);

bool is_free(const FrameRecord& record) {
    return record.use().owner == FrameOwner::Free;
}

bool is_alike(const FrameRecord& one, const FrameRecord& other) {
    return one.use() == other.use() && (one.object == nullptr) == (other.object == nullptr);
}

uint32_t task_in(uint32_t slot, FrameOwner owner) {
    const bool has_task =
        owner == FrameOwner::Tables || owner == FrameOwner::Anonymous || owner == FrameOwner::Held;
    const kernel::Task* task = has_task ? kernel::kernel().tasks.at_slot(slot) : nullptr;
    return task == nullptr ? 0 : task->id;
}

// Walks the records of a node. Blocks do not cross a section of 4 MiB, so neither do rows that
// tell their order.
class Walk final {
  public:
    Walk(kernel::FrameRecords& records, std::vector<NativeFrames>& rows)
        : records_(records), rows_(rows) {}

    // Frames [begin, end) of one section.
    void section(uint32_t begin, uint32_t end) {
        for (uint32_t at = begin; at < end;) {
            uint32_t to = at + 1;
            while (to < end && is_alike(records_.at(at), records_.at(to))) ++to;
            if (is_free(records_.at(at))) {
                blocks(at, to);
            } else {
                row(at, to - at, NativeFrames::not_free);
            }
            at = to;
        }
    }

  private:
    // Free frames as the largest aligned blocks that they can be cut into.
    void blocks(uint32_t begin, uint32_t end) {
        unsigned order = 0;
        for (uint32_t at = begin; at < end; at += 1U << order) {
            order = kernel::max_order;
            while (at % (1U << order) != 0 || end - at < 1U << order) --order;
            row(at, 1U << order, static_cast<int>(order));
        }
    }

    void row(uint32_t begin, uint32_t count, int order) {
        const FrameRecord& record = records_.at(begin);
        const FrameOwner owner = record.use().owner;
        const NativeFrames next{.first = records_.map().address_of(begin) / hal::page_size,
                                .count = count,
                                .owner = kernel::abi::frame_owner_name(owner),
                                .task = task_in(record.task, owner),
                                .movable = record.object != nullptr,
                                .order = order};
        if (!rows_.empty() && continues(rows_.back(), next)) {
            rows_.back().count += count;
        } else {
            rows_.push_back(next);
        }
    }

    static bool continues(const NativeFrames& row, const NativeFrames& next) {
        return row.first + row.count == next.first && row.owner == next.owner &&
               row.task == next.task && row.movable == next.movable && row.order == next.order;
    }

    kernel::FrameRecords& records_;
    std::vector<NativeFrames>& rows_;
};

}  // namespace

[[gnu::flatten]] NativeFramesPart native_frames(uint64_t position, size_t most) {
    NativeFramesPart part;
    kernel::Frames& frames = kernel::kernel().frames;
    auto from = static_cast<uint32_t>(position);
    for (auto node = static_cast<unsigned>(position >> node_shift); node < frames.node_count();
         ++node, from = 0) {
        kernel::FrameRecords& records = frames.records(node);
        Walk walk(records, part.frames);
        for (unsigned i = 0; i < records.map().run_count(); ++i) {
            const FrameMap::Run run = records.map().run(i);
            for (uint32_t at = std::max(run.begin, from); at < run.end;) {
                if (part.frames.size() >= most) {
                    part.next = uint64_t{node} << node_shift | at;
                    return part;
                }
                constexpr uint32_t section = FrameMap::section_frames;
                const uint32_t end = std::min(run.end, (at / section + 1) * section);
                walk.section(at, end);
                at = end;
            }
        }
    }
    return part;
}

[[gnu::flatten]] std::vector<NativeCache> native_caches() {
    const kernel::KernelHeap& chosen = kernel::kernel().heap;
    const auto& heap = static_cast<const kernel::SlabHeap&>(chosen);
    std::vector<NativeCache> caches;
    for (unsigned i = 0; i < kernel::SlabHeap::caches(); ++i) {
        const kernel::SlabCache& cache = heap.cache(i);
        if (cache.size() == 0) continue;
        const uint64_t kept = cache.in_depot() + heap.kept_by_cpus(i);
        caches.push_back({.name = kernel::SlabHeap::cache_name(i),
                          .size = cache.size(),
                          .frames = cache.frames(),
                          .capacity = cache.frames() * (kernel::SlabCache::room / cache.size()),
                          .used = cache.given() - std::min(cache.given(), kept),
                          .kept = kept});
    }
    return caches;
}

}  // namespace orrery::phone
