// SPDX-License-Identifier: Apache-2.0
// Memory of this process that the kernel takes for physical memory: wherever the host has put it,
// as sanitizers want it, it has the address that the direct map leads from.
#pragma once

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

#include "hal/machine.hpp"
#include "kernel/memory/frames/frame_strategy.hpp"

namespace kernel {

class MappedMemory final {
  public:
    explicit MappedMemory(uint64_t frame_count) : size_(frame_count * hal::page_size) {
        // Aligned to the largest block, so that the number of such blocks is always the same.
        constexpr uint64_t alignment = hal::page_size << max_order;
        bytes_ = mmap(nullptr, size_ + alignment, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (bytes_ == MAP_FAILED) {
            std::perror("memory for frames");
            std::abort();
        }
        const hal::PhysicalAddress at = hal::Machine::physical(bytes_);
        begin_ = (at + alignment - 1) / alignment * alignment;
    }
    ~MappedMemory() { munmap(bytes_, size_ + (hal::page_size << max_order)); }
    MappedMemory(const MappedMemory&) = delete;
    MappedMemory& operator=(const MappedMemory&) = delete;

    [[nodiscard]] FrameRange range() const { return {begin_, begin_ + size_}; }

  private:
    uint64_t size_;
    void* bytes_ = nullptr;
    hal::PhysicalAddress begin_ = 0;
};

}  // namespace kernel
