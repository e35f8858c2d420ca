// SPDX-License-Identifier: Apache-2.0
// PhysicalObject: a range of physical addresses that belongs to somebody else, such as the boot
// archive or the registers of a device. Its pages are always there; none is counted or freed.
#pragma once

#include "kernel/memory/objects/memory_object.hpp"

namespace kernel {

class PhysicalObject final : public MemoryObject {
  public:
    // NoMemory.
    [[nodiscard]] static Result<PhysicalObject*> create(Memory& memory, PhysicalAddress begin,
                                                        uint64_t pages, bool writable,
                                                        MemoryType type = MemoryType::Normal) {
        return memory.heap().create<PhysicalObject>(memory, begin, pages, writable, type);
    }

    PhysicalObject(Memory& memory, PhysicalAddress begin, uint64_t pages, bool writable,
                   MemoryType type)
        : MemoryObject(memory, Kind::Physical, pages, LockRank::MemoryObject, {}),
          begin_(begin),
          writable_(writable),
          type_(type) {}

    [[nodiscard]] Result<ObjectPage> page(uint64_t index, bool write,
                                          const FramePlacement& placement) override;
    [[nodiscard]] Slot look(uint64_t index) override {
        return Slot::present(begin_ + index * hal::page_size);
    }
    [[nodiscard]] uint64_t next_present(uint64_t index, uint64_t) override { return index; }
    void drop(uint64_t) override {}

  private:
    void destroy() override;

    PhysicalAddress begin_;
    bool writable_;
    MemoryType type_;
};

}  // namespace kernel
