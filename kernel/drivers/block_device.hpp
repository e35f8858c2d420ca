// SPDX-License-Identifier: Apache-2.0
// The interface of every block device: blocks of a page, read and written one at a time.
#pragma once

#include "hal/types.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class BlockDevice {
  public:
    static constexpr uint64_t block_size = hal::page_size;

    [[nodiscard]] virtual const char* name() const = 0;
    [[nodiscard]] virtual uint64_t blocks() const = 0;
    // Return when the transfer is done. InvalidArgument for a block that there is none of;
    // DeviceFailed when the device could not do it: the block's content is then unknown.
    [[nodiscard]] virtual Status read(uint64_t block, void* to) = 0;
    [[nodiscard]] virtual Status write(uint64_t block, const void* from) = 0;

  protected:
    ~BlockDevice() = default;
};

}  // namespace kernel
