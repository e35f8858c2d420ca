// SPDX-License-Identifier: Apache-2.0
// MemoryTiming: what code costs beyond its pipeline: caches, translation, branch prediction. An
// engine that is given one tells it of every block, load and store before it is executed, and
// charges the answers.
//
// Costs are in parts of a cycle, and so is `spent`: what the present run has cost so far.
#pragma once

#include <cstdint>

#include "sim/engine/page_walk.hpp"

namespace orrery::engine {

// Straight-line code that is executed as a whole, unless an exception leaves it.
struct CodeBlock final {
    std::uint64_t address = 0;    // virtual
    std::uint32_t size = 0;       // bytes
    std::uint32_t last_word = 0;  // its last instruction
    std::uint16_t asid = 0;
    // Of its first page, and of the next one if it reaches so far; null if they are unknown.
    const PageTranslation* page = nullptr;
    const PageTranslation* next_page = nullptr;
};

enum class AccessKind : std::uint8_t { Load, Store, Atomic };

struct DataAccess final {
    std::uint64_t address = 0;  // virtual
    std::uint32_t size = 0;     // within the page
    std::uint16_t asid = 0;
    AccessKind kind = AccessKind::Load;
    const PageTranslation* page = nullptr;
};

class MemoryTiming {
  public:
    virtual ~MemoryTiming() = default;
    // `block` comes behind the block before it, whose branch is known from its last word.
    [[nodiscard]] virtual std::uint32_t execute(const CodeBlock& block, std::uint64_t spent) = 0;
    [[nodiscard]] virtual std::uint32_t access(const DataAccess& access, std::uint64_t spent) = 0;
    // An exception: the block to come is not where the last one's branch went.
    virtual void leave_flow() = 0;

    // Maintenance by this CPU or for all: TLBI, and IC.
    virtual void forget_all_pages() = 0;
    virtual void forget_asid(std::uint16_t asid) = 0;
    virtual void forget_page(std::uint64_t address, std::uint16_t asid) = 0;
    virtual void forget_page_of_all_asids(std::uint64_t address) = 0;
    virtual void forget_code(std::uint64_t physical) = 0;  // a line
    virtual void forget_all_code() = 0;
};

}  // namespace orrery::engine
