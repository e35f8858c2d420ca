// SPDX-License-Identifier: Apache-2.0
// What memory costs, for an engine that is given a MemoryTiming: told of blocks by the block hook,
// and of loads and stores by hooks of their own.
#include <algorithm>
#include <cstring>

#include "sim/engine/engine_state.hpp"
#include "sim/engine/library.hpp"

namespace orrery::engine {

bool EngineState::walk_tables(std::uint64_t page, PageTranslation& translation) const {
    return walk(banks, ttbr0, page, translation);
}

// Null before the MMU is on, when nothing is cached.
const PageTranslation* EngineState::translation_of(std::uint64_t address) {
    return translations.find(address, [this](std::uint64_t page, PageTranslation& translation) {
        return walk_tables(page, translation);
    });
}

void EngineState::charge_stall(std::uint32_t parts) {
    spent += parts;
    kernel.parts += parts & -(block >> 63);
}

void EngineState::charge_block(const BlockCosts::Facts& facts) {
    block_exclusive = facts.exclusive;
    const std::uint64_t last = block + block_size - 1;
    const bool crosses = (block ^ last) / bits::page_size != 0;
    const CodeBlock code{.address = block,
                         .size = block_size,
                         .last_word = facts.last_word,
                         .asid = static_cast<std::uint16_t>(ttbr0 >> bits::ttbr_asid_shift),
                         .page = translation_of(block),
                         .next_page = crosses ? translation_of(last) : nullptr};
    if (code.page != nullptr) charge_stall(timing->execute(code, spent));
}

// Before the library translates the address: what will fault pays for nothing but its walk, which
// the kernel's handler repeats.
void EngineState::on_memory(uc_engine*, uc_mem_type type, std::uint64_t address, int size,
                            std::int64_t, void* user) {
    EngineState& state = *static_cast<EngineState*>(user);
    if (state.timing == nullptr) return;
    const auto bytes = static_cast<std::uint32_t>(size);
    // The library makes pieces of a misaligned access, and shows them as well.
    const AccessInFlight& access = state.core.access;
    if (access.active && (access.address != address || access.size != bytes)) return;
    AccessKind kind = type == UC_MEM_READ ? AccessKind::Load : AccessKind::Store;
    if (state.block_exclusive && state.at_exclusive()) kind = AccessKind::Atomic;
    state.charge_access(address, bytes, kind);
}

void EngineState::charge_access(std::uint64_t address, std::uint32_t size, AccessKind kind) {
    const PageTranslation* page = translation_of(address);
    if (page == nullptr) return;
    const auto left = static_cast<std::uint32_t>(bits::page_size - (address & bits::page_mask));
    const DataAccess access{.address = address,
                            .size = std::min(size, left),
                            .asid = static_cast<std::uint16_t>(ttbr0 >> bits::ttbr_asid_shift),
                            .kind = kind,
                            .page = page};
    charge_stall(timing->access(access, spent));
}

// Whether the access in flight is of an exclusive instruction.
bool EngineState::at_exclusive() {
    if (!core.access.active) return false;
    Library::instance().restore_state(core.cpu, core.access.return_address, false);
    const std::byte* code = code_at(core.environment.program_counter());
    if (code == nullptr) return false;
    std::uint32_t word = 0;
    std::memcpy(&word, code, sizeof word);
    return is_exclusive(word);
}

}  // namespace orrery::engine
