// SPDX-License-Identifier: Apache-2.0
// Argument strings: words between spaces, and numbers.
#pragma once

#include <stdint.h>

#include <string_view>

#include "user/lib/result.hpp"

namespace user {

// Takes the first word off `text`, with the spaces around it; empty when there is none.
constexpr std::string_view take_word(std::string_view& text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    return word;
}

// A decimal number; InvalidArgument for anything else and for what 64 bits do not hold.
constexpr Result<uint64_t> parse_number(std::string_view word) {
    if (word.empty()) return Status::InvalidArgument;
    uint64_t number = 0;
    for (const char character : word) {
        if (character < '0' || character > '9') return Status::InvalidArgument;
        const auto digit = static_cast<uint64_t>(character - '0');
        if (number > (UINT64_MAX - digit) / 10) return Status::InvalidArgument;
        number = number * 10 + digit;
    }
    return number;
}

}  // namespace user
