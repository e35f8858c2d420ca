// SPDX-License-Identifier: Apache-2.0
// Formatting into a fixed buffer.
#include "kernel/base/text.hpp"

namespace kernel {
namespace {

class Output final {
  public:
    Output(char* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {}
    void put(char character) {
        if (length_ < capacity_) buffer_[length_++] = character;
    }
    void number(uint64_t value, unsigned base) {
        char digits[20];
        size_t count = 0;
        do {
            digits[count++] = "0123456789abcdef"[value % base];
            value /= base;
        } while (value != 0);
        while (count > 0) put(digits[--count]);
    }
    [[nodiscard]] size_t length() const { return length_; }

  private:
    char* buffer_;
    size_t capacity_;
    size_t length_ = 0;
};

void print_argument(Output& out, const TextArgument& argument, bool hexadecimal) {
    using Kind = TextArgument::Kind;
    if (argument.kind == Kind::Text) {
        for (uint64_t i = 0; i < argument.number; ++i) out.put(argument.characters[i]);
        return;
    }
    uint64_t value = argument.number;
    if (argument.kind == Kind::Signed && !hexadecimal && static_cast<int64_t>(value) < 0) {
        out.put('-');
        value = 0 - value;
    }
    out.number(value, hexadecimal ? 16 : 10);
}

}  // namespace

size_t format_arguments(char* buffer, size_t capacity, std::string_view pattern,
                        const TextArgument* arguments, size_t count) {
    Output out(buffer, capacity);
    size_t used = 0;
    for (size_t i = 0; i < pattern.size(); ++i) {
        const std::string_view rest = pattern.substr(i);
        const bool hexadecimal = rest.starts_with("{x}");
        if (!hexadecimal && !rest.starts_with("{}")) {
            out.put(pattern[i]);
            continue;
        }
        if (used < count) print_argument(out, arguments[used++], hexadecimal);
        i += hexadecimal ? 2 : 1;
    }
    return out.length();
}

}  // namespace kernel
