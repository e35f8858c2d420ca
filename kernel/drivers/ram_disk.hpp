// SPDX-License-Identifier: Apache-2.0
// RamDisk: a block device in a range of physical memory that is set aside at boot (swap_disk=SIZE).
#pragma once

#include <string.h>

#include "hal/machine.hpp"
#include "kernel/drivers/block_device.hpp"

namespace kernel {

class RamDisk final : public BlockDevice {
  public:
    // Precondition: nobody else uses the memory from `begin`.
    void initialise(hal::PhysicalAddress begin, uint64_t blocks) {
        begin_ = begin;
        blocks_ = blocks;
    }

    [[nodiscard]] const char* name() const override { return "ram"; }
    [[nodiscard]] uint64_t blocks() const override { return blocks_; }
    [[nodiscard]] Status read(uint64_t block, void* to) override {
        if (block >= blocks_) return Status::InvalidArgument;
        memcpy(to, content(block), block_size);
        return Status::Ok;
    }
    [[nodiscard]] Status write(uint64_t block, const void* from) override {
        if (block >= blocks_) return Status::InvalidArgument;
        memcpy(content(block), from, block_size);
        return Status::Ok;
    }

  private:
    [[nodiscard]] void* content(uint64_t block) const {
        return hal::Machine::direct(begin_ + block * block_size);
    }

    hal::PhysicalAddress begin_ = 0;
    uint64_t blocks_ = 0;
};

}  // namespace kernel
