// SPDX-License-Identifier: Apache-2.0
// SwapSlots: which blocks of a swap device are free, and by how many each of the others is shared.
//
// The free block with the lowest number is found in one step a level of a bitmap. A block that the
// device could not write is retired: it is never given again.
#pragma once

#include "kernel/memory/frames/level_bitmap.hpp"

namespace kernel {

class SwapSlots final {
  public:
    static constexpr uint32_t most = 1U << 28;  // 1 TiB
    static constexpr uint16_t most_shares = UINT16_MAX - 1;

    // Lays the metadata out, or only counts it while `layout` has no memory.
    void lay_out(Layout& layout, uint32_t count) {
        count_ = count;
        free_.lay_out(layout, count == 0 ? 1 : count);
        shares_ = layout.zeroes<uint16_t>(count);
    }
    // Precondition: laid out in memory.
    void free_all() {
        for (uint32_t slot = 0; slot < count_; ++slot) free_.set(slot);
    }

    // A slot that is shared by one. NoMemory.
    [[nodiscard]] Result<uint32_t> take() {
        const uint32_t slot = free_.first();
        if (slot == LevelBitmap::none) return Status::NoMemory;
        free_.clear(slot);
        shares_[slot] = 1;
        return slot;
    }
    // Precondition of all below: the slot is taken.
    [[nodiscard]] Status share(uint32_t slot) {
        if (shares_[slot] == most_shares) return Status::LimitReached;
        ++shares_[slot];
        return Status::Ok;
    }
    // True when nobody shares it any more: then it is free.
    bool release(uint32_t slot) {
        if (--shares_[slot] != 0) return false;
        free_.set(slot);
        return true;
    }
    void retire(uint32_t slot) {
        shares_[slot] = retired;
        ++retired_;
    }

    [[nodiscard]] bool taken(uint32_t slot) const {
        return slot < count_ && shares_[slot] != 0 && shares_[slot] != retired;
    }
    [[nodiscard]] uint32_t count() const { return count_; }
    [[nodiscard]] uint32_t free_count() const { return free_.count(); }
    [[nodiscard]] uint32_t retired_count() const { return retired_; }

  private:
    static constexpr uint16_t retired = UINT16_MAX;

    LevelBitmap free_;
    uint16_t* shares_ = nullptr;
    uint32_t count_ = 0;
    uint32_t retired_ = 0;
};

}  // namespace kernel
