// SPDX-License-Identifier: Apache-2.0
// What code of one CPU is charged for caches, translation and branches.
#include "sim/phone/core_memory.hpp"

#include <algorithm>

#include "sim/phone/branch_word.hpp"

namespace orrery::phone {
namespace {

constexpr uint64_t page_size = 4096;
constexpr uint64_t line_size = 64;

uint64_t physical_of(const engine::PageTranslation& page, uint64_t address) {
    return page.physical | address % page_size;
}

}  // namespace

uint32_t CoreMemory::execute(const engine::CodeBlock& block, uint64_t spent) {
    uint32_t stall = settle_branch(block.address);
    const uint64_t end = block.address + block.size;
    const uint64_t border = (block.address | (page_size - 1)) + 1;
    stall += fetch(block.address, std::min(end, border), *block.page, block.asid, spent + stall);
    if (block.next_page != nullptr)
        stall += fetch(border, end, *block.next_page, block.asid, spent + stall);
    last_address_ = end - sizeof block.last_word;
    last_word_ = block.last_word;
    return stall;
}

// Code goes on at `next`: what was made of the branch that led there.
uint32_t CoreMemory::settle_branch(uint64_t next) {
    const auto kind = branch_kind(last_word_);
    if (!kind) return 0;
    const bool taken =
        *kind != memory::BranchKind::conditional || next != last_address_ + sizeof last_word_;
    return model_.branch({last_address_, next, *kind, taken});
}

// Within one page.
uint32_t CoreMemory::fetch(uint64_t begin, uint64_t end, const engine::PageTranslation& page,
                           uint16_t asid, uint64_t spent) {
    uint32_t stall = translate(memory::Side::instruction, begin, asid, page, spent);
    if (!page.memory) return stall;
    for (uint64_t line = begin / line_size * line_size; line < end; line += line_size)
        stall += model_.fetch(physical_of(page, line), moment(spent + stall));
    return stall;
}

uint32_t CoreMemory::access(const engine::DataAccess& access, uint64_t spent) {
    const engine::PageTranslation& page = *access.page;
    const uint32_t stall = translate(memory::Side::data, access.address, access.asid, page, spent);
    if (!page.memory) return stall;
    const uint64_t physical = physical_of(page, access.address);
    const Moment now = moment(spent + stall);
    switch (access.kind) {
        case engine::AccessKind::Load: return stall + model_.load(physical, access.size, now);
        case engine::AccessKind::Store: return stall + model_.store(physical, access.size, now);
        case engine::AccessKind::Atomic: break;
    }
    return stall + model_.atomic(physical, now);
}

uint32_t CoreMemory::walk(memory::Side side, uint64_t address, uint16_t asid,
                          const engine::PageTranslation& page, uint64_t spent) {
    return model_.walk({.address = address,
                        .asid = asid,
                        .side = side,
                        .descriptors = std::span(page.descriptors).first(page.descriptor_count),
                        .shift = page.shift,
                        .global = page.global},
                       moment(spent));
}

}  // namespace orrery::phone
