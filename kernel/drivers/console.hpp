// SPDX-License-Identifier: Apache-2.0
// The console: one UART, shared by the kernel's log and by programs. A write of up to
// abi::console_chunk bytes is never interleaved with another; input waits in a ring.
#pragma once

#include <string_view>

#include "kernel/abi/info.hpp"
#include "kernel/base/lock.hpp"
#include "kernel/base/text.hpp"
#include "kernel/drivers/pl011.hpp"

namespace kernel {

class Console final {
  public:
    explicit Console(abi::KernelInfo& info) : info_(info) {}

    [[nodiscard]] Status initialise(hal::PhysicalAddress uart, uint64_t clock);
    [[nodiscard]] bool ready() const { return ready_; }
    void enable_input();

    // Newlines become CR LF. Before initialise() the text goes to the HAL's emergency channel.
    void write(std::string_view text);
    // The same without the lock and beside whatever is half-written: for panic().
    void write_at_any_cost(std::string_view text);

    // Moves what the UART received into the ring; bytes beyond it are dropped and counted.
    void take_input();
    // Takes up to `size` bytes out of the ring.
    [[nodiscard]] uint64_t read(char* buffer, uint64_t size);
    [[nodiscard]] bool has_input();

  private:
    static constexpr uint32_t ring_size = 4096;

    void put(std::string_view text);

    SpinLock lock_{LockRank::Console};
    Pl011 uart_;
    abi::KernelInfo& info_;
    bool ready_ = false;
    char ring_[ring_size] = {};
    uint32_t head_ = 0;  // bytes ever put in; the ring index is the remainder
    uint32_t tail_ = 0;  // bytes ever taken out
    uint64_t dropped_ = 0;
};

}  // namespace kernel
