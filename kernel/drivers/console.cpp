// SPDX-License-Identifier: Apache-2.0
// The console.
#include "kernel/drivers/console.hpp"

namespace kernel {

Status Console::initialise(hal::PhysicalAddress uart, uint64_t clock) {
    TRY_STATUS(uart_.initialise(uart, clock));
    ready_ = true;
    return Status::Ok;
}

void Console::enable_input() {
    uart_.enable_receive_interrupt();
}

void Console::write(std::string_view text) {
    const LockGuard guard(lock_);
    put(text);
}

void Console::write_at_any_cost(std::string_view text) {
    put(text);
}

void Console::put(std::string_view text) {
    if (!ready_) {
        hal::Machine::emergency_write(text.data(), text.size());
        return;
    }
    for (const char character : text) {
        if (character == '\n') uart_.send('\r');
        uart_.send(character);
    }
    info_.console_written += text.size();
}

void Console::take_input() {
    const LockGuard guard(lock_);
    uart_.acknowledge();
    for (int character = uart_.receive(); character >= 0; character = uart_.receive()) {
        ++info_.console_read;
        if (head_ - tail_ == ring_size) {
            ++dropped_;
        } else {
            ring_[head_++ % ring_size] = static_cast<char>(character);
        }
    }
}

uint64_t Console::read(char* buffer, uint64_t size) {
    const LockGuard guard(lock_);
    uint64_t count = 0;
    while (count < size && tail_ != head_) buffer[count++] = ring_[tail_++ % ring_size];
    return count;
}

bool Console::has_input() {
    const LockGuard guard(lock_);
    return head_ != tail_;
}

}  // namespace kernel
