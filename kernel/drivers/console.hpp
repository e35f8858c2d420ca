// SPDX-License-Identifier: Apache-2.0
// The console: one UART, shared by the kernel's log and by programs.
//
// Output goes through a ring that the UART's interrupt empties, so that nobody waits for the line
// with interrupts off unless the ring is full; input waits in another ring. What one write() says
// is never interleaved with another's.
#pragma once

#include <string_view>

#include "kernel/abi/info.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/base/text.hpp"
#include "kernel/drivers/pl011.hpp"

namespace kernel {

// Bytes between two parties under one lock.
template <uint32_t Size>
class ByteRing final {
  public:
    [[nodiscard]] bool empty() const { return head_ == tail_; }
    [[nodiscard]] uint32_t room() const { return Size - (head_ - tail_); }
    // Precondition: there is room, or something to take.
    void put(char byte) { bytes_[head_++ % Size] = byte; }
    [[nodiscard]] char take() { return bytes_[tail_++ % Size]; }

  private:
    static_assert((Size & (Size - 1)) == 0, "indices wrap around");
    char bytes_[Size] = {};
    uint32_t head_ = 0;  // bytes ever put in
    uint32_t tail_ = 0;  // bytes ever taken out
};

class Console final {
  public:
    explicit Console(abi::KernelInfo& info) : info_(info) {}

    [[nodiscard]] Status initialise(hal::PhysicalAddress uart, uint64_t clock);
    // From now on the UART interrupts. Before, writes wait for the line.
    void enable_interrupts();

    // Newlines become CR LF. Waits for the line when the ring is full. Before initialise() the text
    // goes to the HAL's emergency channel.
    void write(std::string_view text);
    // The same if there is room for it; false otherwise, and nothing is written.
    [[nodiscard]] bool try_write(std::string_view text);
    // Waits until everything has left the UART.
    void flush();
    // Without the lock, beside whatever is half-written, and flushed: for panic().
    void write_at_any_cost(std::string_view text);

    // Serves the UART's interrupt.
    void on_interrupt();
    // Takes up to `size` bytes of input.
    [[nodiscard]] uint64_t read(char* buffer, uint64_t size);
    [[nodiscard]] bool has_input();

  private:
    void put(std::string_view text);
    void put_byte(char byte);
    // Moves what fits from the ring to the UART.
    void pump();
    void drain();

    SpinLock lock_{LockRank::Console};
    Pl011 uart_;
    abi::KernelInfo& info_;
    bool ready_ = false;
    bool interrupts_ = false;
    ByteRing<16384> output_;
    ByteRing<4096> input_;
};

}  // namespace kernel
