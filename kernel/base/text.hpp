// SPDX-License-Identifier: Apache-2.0
// Formatting into a fixed buffer: "{}" takes the next argument, "{x}" the same in hexadecimal. No
// varargs, no allocation; text beyond the buffer is cut.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <string_view>
#include <type_traits>

namespace kernel {

// A value that "{}" accepts, reduced to what the formatter distinguishes.
struct TextArgument {
    enum class Kind : uint32_t { Unsigned, Signed, Text } kind;
    uint64_t number;  // or the length of the text
    const char* characters;

    template <class T>
    static TextArgument of(const T& value) {
        if constexpr (std::is_convertible_v<T, std::string_view>) {
            const std::string_view text(value);
            return {Kind::Text, text.size(), text.data()};
        } else if constexpr (std::is_enum_v<T>) {
            return {Kind::Unsigned, static_cast<uint64_t>(value), nullptr};
        } else if constexpr (std::is_signed_v<T>) {
            return {Kind::Signed, static_cast<uint64_t>(static_cast<int64_t>(value)), nullptr};
        } else {
            return {Kind::Unsigned, static_cast<uint64_t>(value), nullptr};
        }
    }
};

// Writes at most `capacity` characters and returns how many.
size_t format_arguments(char* buffer, size_t capacity, std::string_view pattern,
                        const TextArgument* arguments, size_t count);

template <class... Arguments>
size_t format(char* buffer, size_t capacity, std::string_view pattern,
              const Arguments&... arguments) {
    const TextArgument list[sizeof...(arguments) + 1] = {TextArgument::of(arguments)..., {}};
    return format_arguments(buffer, capacity, pattern, list, sizeof...(arguments));
}

// Copies text into a field of fixed size, always NUL-terminated, the rest zeroed.
template <size_t Size>
void copy_text(char (&field)[Size], std::string_view text) {
    const size_t length = text.size() < Size - 1 ? text.size() : Size - 1;
    for (size_t i = 0; i < Size; ++i) field[i] = i < length ? text[i] : '\0';
}

}  // namespace kernel
