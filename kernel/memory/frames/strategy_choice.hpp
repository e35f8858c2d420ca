// SPDX-License-Identifier: Apache-2.0
// The strategies by the names that the kernel command line uses. A new strategy is a row here.
#pragma once

#include <stddef.h>

#include <new>
#include <string_view>

#include "kernel/memory/frames/frame_map.hpp"

namespace kernel {

struct StrategyKind {
    std::string_view name;
    uint64_t (*metadata_size)(const FrameMap& map);
    size_t object_size;
    // Makes one at `room`, aligned to 64, of object_size bytes; null when it cannot use the map.
    FrameStrategy* (*create)(void* room, const FrameMap& map, void* metadata);
};

// Room for the object of any strategy.
constexpr size_t strategy_room = 4096;

template <class Strategy>
FrameStrategy* create_strategy(void* room, const FrameMap& map, void* metadata) {
    auto* strategy = new (room) Strategy;
    return strategy->initialise(map, metadata) == Status::Ok ? strategy : nullptr;
}

// What is to be known of a class: it has metadata_size() and initialise() as its siblings have.
template <class Strategy>
constexpr StrategyKind strategy_kind(std::string_view name) {
    static_assert(sizeof(Strategy) <= strategy_room && alignof(Strategy) <= 64);
    return {name, Strategy::metadata_size, sizeof(Strategy), create_strategy<Strategy>};
}

// Null for a name that no strategy has.
[[nodiscard]] const StrategyKind* find_strategy(std::string_view name);
// All of them, the baseline first.
[[nodiscard]] unsigned strategy_count();
[[nodiscard]] const StrategyKind& strategy_at(unsigned index);

}  // namespace kernel
