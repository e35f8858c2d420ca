// SPDX-License-Identifier: Apache-2.0
// What the meter said about each translated block.
#include "sim/engine/block_costs.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace orrery::engine {
namespace {

constexpr std::uint32_t yield = 0xd503'203f;
constexpr std::uint32_t wait_for_event = 0xd503'205f;

// Branches, exceptions and system instructions end a block wherever they are, and so does what is
// no instruction (Arm Architecture Reference Manual, C4.1, branches, exception generating and
// system instructions; reserved).
bool ends_block(std::uint32_t word) {
    const std::uint32_t group = word & 0xfe00'0000;
    return (word & 0x7c00'0000) == 0x1400'0000 || (word & 0x7c00'0000) == 0x3400'0000 ||
           (word & 0x1e00'0000) == 0 || group == 0x5400'0000 || group == 0xd400'0000 ||
           group == 0xd600'0000;
}

// How many instructions the last one branches on, unless it is no branch with an immediate (C4.1,
// branches, with their immediates).
std::optional<std::int32_t> branch_distance(std::span<const std::uint32_t> code) {
    const std::uint32_t word = code.back();
    const auto distance = [word](unsigned low, unsigned bits) {
        return static_cast<std::int32_t>(word << (32 - low - bits)) >> (32 - bits);
    };
    if ((word & 0x7c00'0000) == 0x1400'0000) return distance(0, 26);
    if ((word & 0x7e00'0000) == 0x3600'0000) return distance(5, 14);
    const bool compares = (word & 0x7e00'0000) == 0x3400'0000;
    if (compares || (word & 0xff00'0000) == 0x5400'0000) return distance(5, 19);
    return std::nullopt;
}

// The last instruction is a branch to the first.
bool repeats_itself(std::span<const std::uint32_t> code) {
    return branch_distance(code) == 1 - static_cast<std::int32_t>(code.size());
}

// Of the code before a block, what the block's end branches back to: the beginning of a loop.
std::span<const std::uint32_t> loop_head(std::span<const std::uint32_t> before,
                                         std::span<const std::uint32_t> block) {
    const std::int64_t reach = 1 - std::int64_t{branch_distance(block).value_or(0)};
    const std::int64_t size = reach - static_cast<std::int64_t>(block.size());
    const bool is_there = size > 0 && size <= static_cast<std::int64_t>(before.size());
    return is_there ? before.last(static_cast<std::size_t>(size)) : before;
}

bool pauses(std::span<const std::uint32_t> code) {
    return std::ranges::any_of(
        code, [](std::uint32_t word) { return word == yield || word == wait_for_event; });
}

}  // namespace

// Instructions are aligned words of a memory bank.
std::span<const std::uint32_t> words(const std::byte* code, std::uint32_t size) {
    return {reinterpret_cast<const std::uint32_t*>(code), size / 4};
}

std::span<const std::uint32_t> straight_end(std::span<const std::uint32_t> code) {
    constexpr std::size_t most = 64;
    std::size_t count = 0;
    while (count < most && count < code.size() && !ends_block(code[code.size() - 1 - count]))
        ++count;
    return code.last(count);
}

bool is_exclusive(std::uint32_t word) {
    return (word & 0x3f80'0000) == 0x0800'0000;
}

BlockCosts::BlockCosts(Meter* meter)
    : meter_(meter), tables_(meter != nullptr ? std::make_unique<Tables>() : nullptr) {}

BlockCosts::Answer BlockCosts::learn(std::uint64_t address, std::uint32_t size,
                                     const std::byte* code, std::uint32_t generation,
                                     std::span<const std::uint32_t> before) {
    // Frames lie together in memory and tables are powers of two: neighbours do not collide.
    Code& known = tables_->by_place[reinterpret_cast<std::uintptr_t>(code) / 4 % by_place_size];
    if (known.place != code || known.size != size || known.generation != generation)
        known = {code, size, generation, facts_of(code, size, before), pauses(words(code, size))};
    if (known.pauses) return {known.facts, true};
    tables_->by_address[address / 4 % by_address_size] = {address, stamps_[address >> 63], size,
                                                          known.facts};
    return {known.facts, false};
}

BlockCosts::Facts BlockCosts::facts_of(const std::byte* code, std::uint32_t size,
                                       std::span<const std::uint32_t> before) const {
    const std::span<const std::uint32_t> all = words(code, size);
    Facts facts{beginning(code, size), all.back(), std::ranges::any_of(all, is_exclusive)};
    if (meter_ != nullptr && !before.empty() && !repeats_itself(all)) {
        const std::span<const std::uint32_t> head = loop_head(before, all);
        std::vector<std::uint32_t> both(head.begin(), head.end());
        both.insert(both.end(), all.begin(), all.end());
        // A round of a loop may take less than its beginning does with an empty pipeline.
        const std::uint32_t whole = meter_->block(both);
        const std::uint32_t already = meter_->block(head);
        facts.cost = whole > already ? whole - already : 0;
    }
    return facts;
}

std::uint32_t BlockCosts::beginning(const std::byte* code, std::uint32_t size) const {
    if (meter_ == nullptr || code == nullptr) return flat_cost(size / 4);
    return meter_->block(words(code, size));
}

}  // namespace orrery::engine
