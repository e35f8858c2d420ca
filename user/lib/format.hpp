// SPDX-License-Identifier: Apache-2.0
// Text formatting: `{}`, `{:x}`, `{:8}`, `{:016x}`; `{{` and `}}` stand for the braces themselves.
// Fields are counted against the arguments when the program is compiled.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <array>
#include <concepts>
#include <span>
#include <string_view>
#include <type_traits>

#include "user/lib/result.hpp"

namespace user {

namespace abi = kernel::abi;

// Where formatted text goes, piece by piece.
struct Sink {
    void* context;
    void (*write)(void* context, std::string_view text);

    void operator()(std::string_view text) const { write(context, text); }
};

template <typename T>
concept FormatNumber = std::integral<T> && !std::same_as<T, char> && !std::same_as<T, bool>;

// One value with its type erased, so that the formatter itself is not a template.
class FormatArgument final {
  public:
    enum class Kind : uint8_t { Unsigned, Signed, Text };

    template <FormatNumber T>
    constexpr FormatArgument(T value)
        : kind(std::is_signed_v<T> ? Kind::Signed : Kind::Unsigned),
          number(static_cast<uint64_t>(value)) {}
    constexpr FormatArgument(std::string_view value) : kind(Kind::Text), text(value) {}
    constexpr FormatArgument(const char* value) : FormatArgument(std::string_view(value)) {}
    constexpr FormatArgument(bool value) : FormatArgument(value ? "true" : "false") {}
    constexpr FormatArgument(abi::Status value) : FormatArgument(abi::status_name(value)) {}
    // Refers to the character: the argument must outlive the formatting, as all do here.
    constexpr FormatArgument(const char& value) : kind(Kind::Text), text(&value, 1) {}

    Kind kind;
    uint64_t number = 0;
    std::string_view text;
};

// Number of fields, or -1 when the braces do not match.
constexpr int count_fields(std::string_view text) {
    int fields = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '{' && text[i] != '}') continue;
        if (i + 1 < text.size() && text[i + 1] == text[i]) {
            ++i;
            continue;
        }
        const size_t close = text.find('}', i);
        if (text[i] == '}' || close == text.npos) return -1;
        ++fields;
        i = close;
    }
    return fields;
}

// A format text that fits its arguments; anything else does not compile.
template <typename... Arguments>
class FormatString final {
  public:
    template <std::convertible_to<std::string_view> Text>
    consteval FormatString(const Text& text) : text_(text) {
        if (count_fields(text_) != sizeof...(Arguments)) fields_do_not_match_arguments();
    }

    constexpr std::string_view text() const { return text_; }

  private:
    // Not constexpr: reaching it is the compile error.
    static void fields_do_not_match_arguments() {}

    std::string_view text_;
};

void format_arguments(Sink sink, std::string_view text, std::span<const FormatArgument> arguments);

template <typename... Arguments>
void format_to(Sink sink, FormatString<std::type_identity_t<Arguments>...> text,
               const Arguments&... arguments) {
    const std::array<FormatArgument, sizeof...(Arguments)> list{FormatArgument(arguments)...};
    format_arguments(sink, text.text(), list);
}

// Text in a buffer of fixed size; what does not fit is cut off and remembered.
template <size_t Capacity>
class Text final {
  public:
    template <typename... Arguments>
    explicit Text(FormatString<std::type_identity_t<Arguments>...> text,
                  const Arguments&... arguments) {
        append(text, arguments...);
    }
    Text() = default;

    template <typename... Arguments>
    void append(FormatString<std::type_identity_t<Arguments>...> text,
                const Arguments&... arguments) {
        format_to({this, take}, text, arguments...);
    }

    std::string_view view() const { return {buffer_, length_}; }
    bool truncated() const { return truncated_; }

  private:
    static void take(void* context, std::string_view text) {
        auto& self = *static_cast<Text*>(context);
        for (const char character : text) {
            if (self.length_ == Capacity) {
                self.truncated_ = true;
                return;
            }
            self.buffer_[self.length_++] = character;
        }
    }

    size_t length_ = 0;
    bool truncated_ = false;
    char buffer_[Capacity];
};

}  // namespace user
