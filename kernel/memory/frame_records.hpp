// SPDX-License-Identifier: Apache-2.0
// FrameRecords: what the kernel knows of each page frame of a NUMA node, in an array of 16 bytes a
// frame beside the strategy's metadata.
//
// A record belongs to whoever has the frame: the allocator while it is free, then its owner. Frames
// (frame_allocator.hpp) sets it when a frame changes hands and compares when it comes back, so that
// at any time the records of all frames say what the counters say in sum (frame_audit.hpp).
#pragma once

#include "kernel/abi/syscall.hpp"
#include "kernel/memory/frames/frame_map.hpp"

namespace kernel {

using abi::FrameOwner;

class MemoryObject;

// For whom a frame is: `task` is the slot of the task it belongs to, 0 where it belongs to none.
struct FrameUse {
    FrameOwner owner = FrameOwner::Kernel;
    uint32_t task = 0;
    [[nodiscard]] bool operator==(const FrameUse&) const = default;
};
constexpr FrameUse kernel_use{FrameOwner::Kernel, 0};

struct FrameRecord {
    MemoryObject* object;  // whose page it is, if there is one
    uint32_t page;         // its index there
    uint16_t shares;       // slots of objects that refer to it
    uint8_t owner;         // FrameOwner
    uint8_t task;

    [[nodiscard]] FrameUse use() const { return {static_cast<FrameOwner>(owner), task}; }
};
static_assert(sizeof(FrameRecord) == 16);
static_assert(abi::frame_owner_count <= 256);

class FrameRecords final {
  public:
    // Bytes of memory they need.
    [[nodiscard]] static uint64_t size(const FrameMap& map) {
        return uint64_t{map.span()} * sizeof(FrameRecord);
    }
    // All frames are free. Precondition: `memory` has size() bytes, aligned to 16.
    void initialise(const FrameMap& map, void* memory);

    [[nodiscard]] const FrameMap& map() const { return map_; }
    // Null for what is no frame of the node. The records of a block follow each other.
    [[nodiscard]] FrameRecord* find(PhysicalAddress frame) {
        const Result<uint32_t> index = map_.index_of(frame);
        return index.ok() ? &records_[index.value()] : nullptr;
    }
    // Precondition: `index` is no hole of the map.
    [[nodiscard]] FrameRecord& at(uint32_t index) { return records_[index]; }

  private:
    FrameMap map_;
    FrameRecord* records_ = nullptr;
};

}  // namespace kernel
