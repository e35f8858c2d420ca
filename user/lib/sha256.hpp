// SPDX-License-Identifier: Apache-2.0
// SHA-256 after FIPS 180-4, section 6.2.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <array>
#include <span>
#include <string_view>

namespace user {

class Sha256 final {
  public:
    using Digest = std::array<uint8_t, 32>;

    void update(std::span<const uint8_t> data);
    // Ends the message: nothing can be added after it.
    Digest finish();

    static Digest of(std::span<const uint8_t> data);

  private:
    static constexpr size_t block_size = 64;

    void process(const uint8_t* block);

    std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<uint8_t, block_size> block_{};
    uint64_t length_ = 0;
};

// A digest as 64 hexadecimal digits.
class DigestText final {
  public:
    explicit DigestText(const Sha256::Digest& digest);

    std::string_view view() const { return {text_, sizeof(text_)}; }

  private:
    char text_[64];
};

}  // namespace user
