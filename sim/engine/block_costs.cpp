// SPDX-License-Identifier: Apache-2.0
// What the meter said about each translated block.
#include "sim/engine/block_costs.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace orrery::engine {
namespace {

constexpr std::uint32_t yield = 0xd503'203f;
constexpr std::uint32_t wait_for_event = 0xd503'205f;

// Branches, exceptions and system instructions end a block wherever they are (Arm Architecture
// Reference Manual, C4.1, branches, exception generating and system instructions).
bool ends_block(std::uint32_t word) {
    const std::uint32_t group = word & 0xfe00'0000;
    return (word & 0x7c00'0000) == 0x1400'0000 || (word & 0x7c00'0000) == 0x3400'0000 ||
           group == 0x5400'0000 || group == 0xd400'0000 || group == 0xd600'0000;
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
    if (meter_ != nullptr && !before.empty() && !ends_block(before.back())) {
        std::vector<std::uint32_t> both(before.begin(), before.end());
        both.insert(both.end(), all.begin(), all.end());
        facts.cost = meter_->block(both) - meter_->block(before);
    }
    return facts;
}

std::uint32_t BlockCosts::beginning(const std::byte* code, std::uint32_t size) const {
    if (meter_ == nullptr || code == nullptr) return flat_cost(size / 4);
    return meter_->block(words(code, size));
}

}  // namespace orrery::engine
