// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace orrery::memory {
namespace {

uint64_t sets_of(const char* name, const CacheGeometry& geometry) {
    if (geometry.line != line_size) {
        throw std::runtime_error(
            fmt::format("{}: lines have {} bytes, give {}", name, geometry.line, line_size));
    }
    if (geometry.ways < 1 || geometry.ways > 32) {
        throw std::runtime_error(fmt::format("{}: {} ways, give 1 to 32", name, geometry.ways));
    }
    const uint64_t sets = geometry.size / (uint64_t{geometry.ways} * line_size);
    if (!std::has_single_bit(sets) || sets * geometry.ways * line_size != geometry.size) {
        throw std::runtime_error(
            fmt::format("{}: {} bytes in {} ways make no power of two of sets, choose another size",
                        name, geometry.size, geometry.ways));
    }
    return sets;
}

}  // namespace

Cache::Cache(const char* name, const CacheGeometry& geometry, Replacement replacement)
    : replacement_(replacement),
      ways_(geometry.ways),
      stride_shift_(0),
      set_mask_(sets_of(name, geometry) - 1),
      entries_() {
    stride_shift_ = static_cast<uint32_t>(std::bit_width(std::bit_ceil(ways_)) - 1);
    entries_.assign((set_mask_ + 1) << stride_shift_, empty);
}

uint32_t Cache::find(uint64_t line) const {
    const uint64_t* set = &entries_[(line & set_mask_) << stride_shift_];
    uint32_t way = 0;
    while (way < ways_ && set[way] >> 2 != line) ++way;
    return way;
}

LineState Cache::touch(uint64_t line) {
    const uint32_t way = find(line);
    if (way == ways_) return LineState::invalid;
    uint64_t* set = set_of(line);
    const uint64_t found = set[way];
    for (uint32_t place = way; place > 0; --place) set[place] = set[place - 1];
    set[0] = found;
    return state_of(found);
}

LineState Cache::peek(uint64_t line) const {
    const uint32_t way = find(line);
    if (way == ways_) return LineState::invalid;
    return state_of(entries_[((line & set_mask_) << stride_shift_) + way]);
}

void Cache::set_state(uint64_t line, LineState state) {
    set_of(line)[find(line)] = pack(line, state);
}

// Which way of a full set has to go.
uint32_t Cache::victim() {
    if (replacement_ == Replacement::lru) return ways_ - 1;
    // G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    return random_ % ways_;
}

CacheLine Cache::insert(uint64_t line, LineState state) {
    uint64_t* set = set_of(line);
    const uint32_t way = set[ways_ - 1] == empty ? ways_ - 1 : victim();
    const uint64_t old = set[way];
    std::copy_backward(set, set + way, set + way + 1);
    set[0] = pack(line, state);
    if (old == empty) return {};
    return {old >> 2, state_of(old)};
}

LineState Cache::remove(uint64_t line) {
    const uint32_t way = find(line);
    if (way == ways_) return LineState::invalid;
    uint64_t* set = set_of(line);
    const LineState state = state_of(set[way]);
    std::copy(set + way + 1, set + ways_, set + way);
    set[ways_ - 1] = empty;
    return state;
}

void Cache::clear() {
    std::fill(entries_.begin(), entries_.end(), empty);
}

}  // namespace orrery::memory
