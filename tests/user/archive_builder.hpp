// SPDX-License-Identifier: Apache-2.0
// Builds newc archives in memory for the tests, byte by byte and without the reader's help.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace user {

class ArchiveBuilder final {
  public:
    static constexpr uint32_t regular = 0100644;
    static constexpr uint32_t folder = 0040755;

    ArchiveBuilder& add(std::string_view name, std::string_view data, uint32_t mode = regular) {
        char header[111];
        std::snprintf(header, sizeof(header),
                      "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1u, mode, 0u,
                      0u, 1u, 0u, data.size(), 0u, 0u, 0u, 0u, name.size() + 1, 0u);
        bytes_ += header;
        bytes_ += name;
        bytes_ += '\0';
        pad();
        bytes_ += data;
        pad();
        return *this;
    }

    ArchiveBuilder& end() { return add("TRAILER!!!", ""); }

    std::string bytes() const { return bytes_; }

  private:
    void pad() { bytes_.append((4 - bytes_.size() % 4) % 4, '\0'); }

    std::string bytes_;
};

// A copy on the heap of exactly the size, so that the address sanitizer sees a read past its end.
class ExactBytes final {
  public:
    explicit ExactBytes(std::string_view text)
        : bytes_(new uint8_t[text.size()]), size_(text.size()) {
        for (size_t i = 0; i < size_; ++i) bytes_[i] = static_cast<uint8_t>(text[i]);
    }

    std::span<const uint8_t> span() const { return {bytes_.get(), size_}; }

  private:
    std::unique_ptr<uint8_t[]> bytes_;
    size_t size_;
};

}  // namespace user
