// SPDX-License-Identifier: Apache-2.0
// The console.
#include "kernel/drivers/console.hpp"

namespace kernel {

Status Console::initialise(hal::PhysicalAddress uart, uint64_t clock) {
    TRY_STATUS(uart_.initialise(uart, clock));
    ready_ = true;
    return Status::Ok;
}

void Console::enable_interrupts() {
    const LockGuard guard(lock_);
    interrupts_ = true;
    uart_.enable_interrupts();
    pump();
}

void Console::write(std::string_view text) {
    const LockGuard guard(lock_);
    put(text);
}

bool Console::try_write(std::string_view text) {
    const LockGuard guard(lock_);
    if (output_.room() < 2 * text.size()) return false;  // every byte may be a newline
    put(text);
    return true;
}

void Console::flush() {
    const LockGuard guard(lock_);
    drain();
}

void Console::write_at_any_cost(std::string_view text) {
    put(text);
    drain();
}

void Console::put(std::string_view text) {
    if (!ready_) {
        hal::Machine::emergency_write(text.data(), text.size());
        return;
    }
    for (const char character : text) {
        if (character == '\n') put_byte('\r');
        put_byte(character);
    }
    info_.console_written += text.size();
    pump();
    if (!interrupts_) drain();
}

void Console::put_byte(char byte) {
    while (output_.room() == 0) {
        pump();
        hal::Machine::relax();
    }
    output_.put(byte);
}

void Console::pump() {
    while (!output_.empty() && uart_.can_send()) uart_.send(output_.take());
}

void Console::drain() {
    if (!ready_) return;
    while (!output_.empty()) {
        pump();
        hal::Machine::relax();
    }
    while (uart_.busy()) hal::Machine::relax();
}

void Console::on_interrupt() {
    const LockGuard guard(lock_);
    uart_.acknowledge();
    bool overrun = false;
    for (int byte = uart_.receive(overrun); byte >= 0; byte = uart_.receive(overrun)) {
        ++info_.console_read;
        if (input_.room() == 0) {
            ++info_.console_lost;
        } else {
            input_.put(static_cast<char>(byte));
        }
        if (overrun) ++info_.console_lost;
    }
    pump();
}

uint64_t Console::read(char* buffer, uint64_t size) {
    const LockGuard guard(lock_);
    uint64_t count = 0;
    while (count < size && !input_.empty()) buffer[count++] = input_.take();
    return count;
}

bool Console::has_input() {
    const LockGuard guard(lock_);
    return !input_.empty();
}

}  // namespace kernel
