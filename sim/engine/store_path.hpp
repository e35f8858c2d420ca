// SPDX-License-Identifier: Apache-2.0
// Which frames hold translated code, and from that which stores may take the fast path.
//
// Unicorn 2.0.1 replaced QEMU's map of dirty pages by constants: every page counts as clean, so
// every store leaves the translated code for a check whether it overwrites code, at 80 to 130 ns.
// The map is rebuilt here, one byte a frame:
//
//   - a frame holds code from the first block translated in it until its last block is dropped;
//   - when a writable page enters the TLB and its frame holds no code, the entry is marked dirty at
//     once, and stores through it then stay in the translated code;
//   - when a frame gets its first block, the entries that were marked for it are marked clean
//     again, so that the next store into it is seen and drops the block.
//
// Invariant: no TLB entry of a frame that holds code is dirty. Results and instruction counts are
// the same with the path off; only the host's time differs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/engine/memory_bank.hpp"

struct uc_struct;

namespace orrery::engine {

enum class StoreMode : std::uint8_t {
    Accelerated,
    Stock,  // as the library does it; code is still tracked
};

// The mode that the environment variable ORRERY_ENGINE_STORES selects: "accelerated" (also when
// unset) or "stock". Throws std::runtime_error for anything else.
[[nodiscard]] StoreMode store_mode_from_environment();

// Is the interposition active, and what does it do? Reports of the library since the start.
struct StoreCounters final {
    std::uint64_t writable_pages = 0;     // entered the TLB
    std::uint64_t frames_translated = 0;  // got their first block
    std::uint64_t frames_dropped = 0;     // lost their last block
};

class StorePath final {
  public:
    explicit StorePath(StoreMode mode) : mode_(mode) {}

    // Precondition: the bank is mapped in the library under `ram_address`, its internal address.
    void add_bank(const MemoryBank& bank, std::uint64_t ram_address);

    [[nodiscard]] StoreMode mode() const { return mode_; }

    // The library's reports.
    void first_block_translated(void* cpu, std::uint64_t ram_address);
    void last_block_dropped(std::uint64_t ram_address);
    void writable_page_entered(void* cpu, std::uint64_t virtual_address, std::uint64_t physical);

    // A store into a frame that may hold code, before it is made.
    void stored(std::uint64_t ram_address, std::uint64_t size);

    // Somebody keeps what he knows of the code at `host`, and wants to hear when it changes: by
    // on_code_change, and by another generation. Precondition: in a bank, and not over a page.
    [[nodiscard]] std::uint32_t watch_code(const std::byte* host, std::uint64_t size);
    std::function<void()> on_code_change = [] {};

    // Drops all code that was translated from these host bytes. Frames that never held any, and
    // bytes outside the banks, cost almost nothing.
    void invalidate(uc_struct* engine, const std::byte* host, std::uint64_t size);

    [[nodiscard]] const StoreCounters& counters() const { return counters_; }

  private:
    struct Frame final {
        bool holds_code = false;
        bool marked_dirty = false;        // some TLB entry may be dirty
        std::uint16_t watched_begin = 0;  // offsets in the frame
        std::uint16_t watched_end = 0;
        std::uint32_t generation = 0;  // of the watched code
    };
    struct Bank final {
        MemoryBank memory;
        std::uint64_t ram_address;
        std::vector<Frame> frames;
    };

    void change_code(Frame& frame);
    [[nodiscard]] Frame* frame_at_ram(std::uint64_t ram_address, std::byte*& host);
    [[nodiscard]] Frame* frame_at_physical(std::uint64_t physical);

    StoreMode mode_;
    StoreCounters counters_;
    std::vector<Bank> banks_;
};

}  // namespace orrery::engine
