// SPDX-License-Identifier: Apache-2.0
// What the meter said about each translated block.
#include "sim/engine/block_costs.hpp"

namespace orrery::engine {

BlockCosts::BlockCosts(Meter* meter)
    : meter_(meter), tables_(meter != nullptr ? std::make_unique<Tables>() : nullptr) {}

std::uint32_t BlockCosts::learn(std::uint64_t address, std::uint32_t size, const std::byte* code,
                                std::uint32_t generation) {
    // Frames lie together in memory and tables are powers of two: neighbours do not collide.
    Code& known = tables_->by_place[reinterpret_cast<std::uintptr_t>(code) / 4 % by_place_size];
    if (known.place != code || known.size != size || known.generation != generation)
        known = {code, size, generation, beginning(code, size)};
    tables_->by_address[address / 4 % by_address_size] = {address, stamps_[address >> 63], size,
                                                          known.cost};
    return known.cost;
}

std::uint32_t BlockCosts::beginning(const std::byte* code, std::uint32_t size) const {
    if (meter_ == nullptr || code == nullptr) return flat_cost(size / 4);
    // Instructions are aligned words of the arena.
    return meter_->block({reinterpret_cast<const std::uint32_t*>(code), size / 4});
}

}  // namespace orrery::engine
