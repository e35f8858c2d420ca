// SPDX-License-Identifier: Apache-2.0
// The console: formatted lines out, edited lines in.
#pragma once

#include "user/lib/format.hpp"
#include "user/lib/system.hpp"

namespace user {

// Writes all of it. Up to abi::console_chunk bytes arrive in one piece among other tasks' output.
void write_text(std::string_view text);

// Collects text and writes it by whole lines as long as they fit in one ConsoleWrite.
class ConsoleBuffer final {
  public:
    ConsoleBuffer() = default;
    ConsoleBuffer(const ConsoleBuffer&) = delete;
    ConsoleBuffer& operator=(const ConsoleBuffer&) = delete;
    ~ConsoleBuffer() { write_text({buffer_, length_}); }

    Sink sink() { return {this, take}; }

  private:
    static void take(void* context, std::string_view text);
    void make_room();

    size_t length_ = 0;
    char buffer_[abi::console_chunk];
};

template <typename... Arguments>
void print(FormatString<std::type_identity_t<Arguments>...> text, const Arguments&... arguments) {
    ConsoleBuffer buffer;
    format_to(buffer.sink(), text, arguments...);
}

// Reads lines from the console, which does not echo: this does, and takes backspace.
class LineReader final {
  public:
    // One line without its end (CR, LF or CR LF) in `buffer`; LimitReached when it is longer.
    [[nodiscard]] Result<std::string_view> read_line(std::span<char> buffer);

  private:
    Result<char> next();

    char pending_[64];
    size_t first_ = 0;
    size_t last_ = 0;
    bool after_return_ = false;
};

}  // namespace user
