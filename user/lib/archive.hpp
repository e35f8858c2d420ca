// SPDX-License-Identifier: Apache-2.0
// Reader of a cpio archive in the "newc" format (cpio(5): "New ASCII Format"): headers of 110 ASCII
// bytes, names and data padded to 4 bytes, a last entry named TRAILER!!!. It trusts nothing: every
// length is checked against the bytes that are there.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <span>
#include <string_view>

#include "user/lib/result.hpp"

namespace user {

struct ArchiveFile {
    std::string_view name;
    std::span<const uint8_t> data;
};

class Archive final {
  public:
    explicit Archive(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    // Walks over the regular files in their order.
    class Cursor final {
      public:
        explicit Cursor(std::span<const uint8_t> rest) : rest_(rest) {}

        // NotFound after the last file; BadImage when the archive is broken here. Both stay.
        [[nodiscard]] Result<ArchiveFile> next();

      private:
        Status read_entry(ArchiveFile& file, uint32_t& mode);
        bool take(size_t size, std::span<const uint8_t>& part);
        void skip_padding();

        std::span<const uint8_t> rest_;
        size_t position_ = 0;
        Status end_ = Status::Ok;
    };

    Cursor files() const { return Cursor(bytes_); }

    [[nodiscard]] Result<ArchiveFile> find(std::string_view name) const;
    // Number of regular files; BadImage for an archive that is broken anywhere.
    [[nodiscard]] Result<size_t> count() const;

  private:
    std::span<const uint8_t> bytes_;
};

}  // namespace user
