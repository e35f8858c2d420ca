// SPDX-License-Identifier: Apache-2.0
// A few pages that belong to the engine alone: the way into EL0, and a page for calibration.
#include "sim/engine/private_memory.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "sim/engine/system_registers.hpp"

namespace orrery::engine {
namespace {

enum Page : std::size_t { Level0, Level1, Level2, Level3, Eret, Calibration, Empty, PageCount };

constexpr std::uint64_t page_bytes(std::size_t pages) {
    return pages * bits::page_size;
}

// The core modelled has 44-bit physical addresses; the search starts just below their end.
constexpr std::uint64_t highest_base = (1ull << 44) - (1ull << 20);
constexpr std::uint64_t base_step = 1ull << 20;

constexpr std::uint64_t table = 3;
constexpr std::uint64_t page = 3ull | 1ull << 10 | 3ull << 8;  // valid, accessed, shareable
constexpr std::uint64_t user_access = 1ull << 6;               // AP[1]
constexpr std::uint64_t read_only = 1ull << 7;                 // AP[2]
constexpr std::uint64_t privileged_never = 1ull << 53;         // PXN
constexpr std::uint64_t user_never = 1ull << 54;               // UXN

constexpr std::uint32_t eret = 0xd69f'03e0;
constexpr std::uint64_t high_half = 0xffff'0000'0000'0000;

bool overlaps(const MemoryBank& bank, std::uint64_t base) {
    return base < bank.physical_base + bank.size &&
           bank.physical_base < base + page_bytes(PageCount);
}

std::uint64_t free_base(std::span<const MemoryBank> banks) {
    std::uint64_t base = highest_base;
    while (std::any_of(banks.begin(), banks.end(),
                       [base](const MemoryBank& bank) { return overlaps(bank, base); }))
        base -= base_step;
    return base;
}

}  // namespace

void PrivateMemory::Release::operator()(std::byte* memory) const {
    ::operator delete[](memory, std::align_val_t{bits::page_size});
}

PrivateMemory::PrivateMemory(std::span<const MemoryBank> banks)
    : memory_(static_cast<std::byte*>(
          ::operator new[](page_bytes(PageCount), std::align_val_t{bits::page_size}))),
      bank_{free_base(banks), page_bytes(PageCount), memory_.get()} {
    std::memset(memory_.get(), 0, bank_.size);
    const auto set = [this](Page where, std::size_t index, Page target, std::uint64_t attributes) {
        const std::uint64_t descriptor = bank_.physical_base + page_bytes(target) | attributes;
        std::memcpy(memory_.get() + page_bytes(where) + 8 * index, &descriptor, sizeof descriptor);
    };
    set(Level0, 0, Level1, table);
    set(Level1, 0, Level2, table);
    set(Level2, 0, Level3, table);
    set(Level3, 0, Eret, page | read_only | user_never);
    set(Level3, 1, Calibration, page | user_access | privileged_never);
    std::memcpy(memory_.get() + page_bytes(Eret), &eret, sizeof eret);
}

std::uint64_t PrivateMemory::translation_root() const {
    return bank_.physical_base;
}

std::uint64_t PrivateMemory::empty_translation_root() const {
    return bank_.physical_base + page_bytes(Empty);
}

std::uint64_t PrivateMemory::eret_address() {
    return high_half;
}

std::uint64_t PrivateMemory::calibration_address() {
    return page_bytes(1);
}

std::byte* PrivateMemory::calibration_page() const {
    return memory_.get() + page_bytes(Calibration);
}

void PrivateMemory::hide_calibration_page() {
    std::memset(memory_.get() + page_bytes(Level3) + 8, 0, 8);
}

}  // namespace orrery::engine
