// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/directory.hpp"

#include <bit>

namespace orrery::memory {

Directory::Directory(uint64_t lines)
    : bits_(static_cast<uint32_t>(std::bit_width(2 * lines))),
      mask_((uint64_t{1} << bits_) - 1),
      slots_(mask_ + 1) {}

// Fibonacci hashing (D. Knuth, The Art of Computer Programming, volume 3, section 6.4).
uint64_t Directory::home(uint64_t line) const {
    return line * 0x9e37'79b9'7f4a'7c15 >> (64 - bits_);
}

uint64_t Directory::locate(uint64_t line) const {
    uint64_t slot = home(line);
    while (slots_[slot].line != line && slots_[slot].line != empty) slot = (slot + 1) & mask_;
    return slot;
}

Directory::Holders Directory::find(uint64_t line) const {
    const Slot& slot = slots_[locate(line)];
    return slot.line == line ? slot.holders : Holders{};
}

void Directory::set(uint64_t line, Holders holders) {
    const uint64_t slot = locate(line);
    if (holders.cpus != 0) {
        slots_[slot] = {line, holders};
    } else if (slots_[slot].line == line) {
        erase(slot);
    }
}

// Moves back what probing had put behind the gap (Knuth's algorithm R, ibid.).
void Directory::erase(uint64_t gap) {
    uint64_t slot = gap;
    while (true) {
        slot = (slot + 1) & mask_;
        if (slots_[slot].line == empty) break;
        const uint64_t from_home = (slot - home(slots_[slot].line)) & mask_;
        if (from_home < ((slot - gap) & mask_)) continue;
        slots_[gap] = slots_[slot];
        gap = slot;
    }
    slots_[gap] = {};
}

}  // namespace orrery::memory
