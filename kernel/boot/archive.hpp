// SPDX-License-Identifier: Apache-2.0
// A reader of the boot archive: cpio in the "newc" format (cpio(5), magic 070701). Bounds-checked:
// a truncated or corrupt archive ends the search, it is never read past its end.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <string_view>

#include "kernel/base/result.hpp"

namespace kernel {

struct ArchiveFile {
    std::string_view name;
    const uint8_t* data;
    uint64_t size;
};

class Archive final {
  public:
    Archive() = default;
    Archive(const void* begin, uint64_t size)
        : begin_(static_cast<const uint8_t*>(begin)), size_(size) {}

    // BadImage unless every header up to the trailer is well-formed. `files` counts the files.
    [[nodiscard]] Status check(uint64_t& files) const;
    // NotFound, or BadImage where the archive breaks before the file is met.
    [[nodiscard]] Status find(std::string_view name, ArchiveFile& file) const;

  private:
    // Reads the entry at `offset` and moves `offset` behind it. NotFound at the trailer.
    [[nodiscard]] Status next(uint64_t& offset, ArchiveFile& file) const;

    const uint8_t* begin_ = nullptr;
    uint64_t size_ = 0;
};

}  // namespace kernel
