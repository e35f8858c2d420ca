// SPDX-License-Identifier: Apache-2.0
// The formatter behind format_to(): one pass over the text, no memory of its own but the digits.
#include "user/lib/format.hpp"

namespace user {

namespace {

struct Field {
    bool hexadecimal = false;
    bool zeros = false;
    size_t width = 0;
};

Field parse_field(std::string_view specification) {
    Field field;
    for (const char character : specification) {
        if (character == 'x') {
            field.hexadecimal = true;
        } else if (character == '0' && field.width == 0) {
            field.zeros = true;
        } else if (character >= '0' && character <= '9') {
            field.width = field.width * 10 + static_cast<size_t>(character - '0');
        }
    }
    return field;
}

void pad(Sink sink, char character, size_t length, size_t width) {
    for (; length < width; ++length) sink({&character, 1});
}

void format_number(Sink sink, const FormatArgument& argument, Field field) {
    const bool negative =
        argument.kind == FormatArgument::Kind::Signed && static_cast<int64_t>(argument.number) < 0;
    uint64_t rest = negative ? 0 - argument.number : argument.number;
    const unsigned base = field.hexadecimal ? 16 : 10;

    char digits[20];
    size_t first = sizeof(digits);
    do {
        digits[--first] = "0123456789abcdef"[rest % base];
        rest /= base;
    } while (rest != 0);

    const std::string_view text(digits + first, sizeof(digits) - first);
    const size_t length = text.size() + (negative ? 1 : 0);
    if (!field.zeros) pad(sink, ' ', length, field.width);
    if (negative) sink("-");
    if (field.zeros) pad(sink, '0', length, field.width);
    sink(text);
}

// Text is set to the left of its field, numbers to the right.
void format_field(Sink sink, const FormatArgument& argument, Field field) {
    if (argument.kind != FormatArgument::Kind::Text) return format_number(sink, argument, field);
    sink(argument.text);
    pad(sink, ' ', argument.text.size(), field.width);
}

}  // namespace

void format_arguments(Sink sink, std::string_view text, std::span<const FormatArgument> arguments) {
    size_t used = 0;
    while (!text.empty()) {
        const size_t brace = text.find_first_of("{}");
        if (brace != 0) sink(text.substr(0, brace));
        if (brace == text.npos) return;
        text.remove_prefix(brace);

        const bool doubled = text.size() > 1 && text[1] == text[0];
        const size_t close = text.find('}');
        if (doubled || close == text.npos || used == arguments.size()) {
            sink(text.substr(0, 1));
            text.remove_prefix(doubled ? 2 : 1);
            continue;
        }
        format_field(sink, arguments[used++], parse_field(text.substr(1, close - 1)));
        text.remove_prefix(close + 1);
    }
}

}  // namespace user
