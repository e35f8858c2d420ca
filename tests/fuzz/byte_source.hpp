// SPDX-License-Identifier: Apache-2.0
// The bytes of a fuzzer's input, taken one after the other; zeroes behind its end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fuzz {

class ByteSource final {
  public:
    ByteSource(const uint8_t* bytes, size_t size) : at_(bytes), end_(bytes + size) {}

    [[nodiscard]] bool empty() const { return at_ == end_; }
    [[nodiscard]] size_t left() const { return static_cast<size_t>(end_ - at_); }
    [[nodiscard]] const uint8_t* rest() const { return at_; }

    uint8_t byte() { return at_ == end_ ? uint8_t{0} : *at_++; }
    uint64_t number(unsigned bytes) {
        uint64_t value = 0;
        for (unsigned i = 0; i < bytes; ++i) value |= uint64_t{byte()} << (8 * i);
        return value;
    }

  private:
    const uint8_t* at_;
    const uint8_t* end_;
};

}  // namespace fuzz
