// SPDX-License-Identifier: Apache-2.0
// Console output by whole lines, console input with echo.
#include "user/lib/console.hpp"

namespace user {

void write_text(std::string_view text) {
    while (!text.empty()) {
        const auto taken = system::write_console(text);
        // There is nowhere to report a console that refuses text.
        if (!taken || *taken == 0) return;
        text.remove_prefix(*taken);
    }
}

void ConsoleBuffer::take(void* context, std::string_view text) {
    auto& self = *static_cast<ConsoleBuffer*>(context);
    for (const char character : text) {
        if (self.length_ == sizeof(self.buffer_)) self.make_room();
        self.buffer_[self.length_++] = character;
    }
}

// Writes the complete lines and keeps the rest; a line longer than the buffer is split.
void ConsoleBuffer::make_room() {
    const std::string_view text(buffer_, length_);
    const size_t newline = text.rfind('\n');
    const size_t complete = newline == text.npos ? length_ : newline + 1;
    write_text(text.substr(0, complete));
    length_ -= complete;
    for (size_t i = 0; i < length_; ++i) buffer_[i] = buffer_[complete + i];
}

Result<std::string_view> LineReader::read_line(std::span<char> buffer) {
    size_t length = 0;
    for (;;) {
        const auto input = next();
        if (!input) return input.status();
        const char character = *input;

        // CR LF is one end of a line, not two.
        const bool second_half = character == '\n' && after_return_;
        after_return_ = character == '\r';
        if (second_half) continue;

        if (character == '\r' || character == '\n') {
            write_text("\n");
            if (length > buffer.size()) return Status::LimitReached;
            return std::string_view(buffer.data(), length);
        }
        if (character == '\b' || character == 0x7f) {
            if (length == 0) continue;
            --length;
            write_text("\b \b");
        } else if (character >= ' ') {
            if (length < buffer.size()) buffer[length] = character;
            ++length;
            write_text({&character, 1});
        }
    }
}

Result<char> LineReader::next() {
    if (first_ == last_) {
        const auto count = system::read_console(pending_);
        if (!count) return count.status();
        if (*count == 0) return Status::Interrupted;
        first_ = 0;
        last_ = *count;
    }
    return pending_[first_++];
}

}  // namespace user
