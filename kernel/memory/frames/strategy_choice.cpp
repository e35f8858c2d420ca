// SPDX-License-Identifier: Apache-2.0
// The strategies by name.
#include "kernel/memory/frames/strategy_choice.hpp"

#include <new>

#include "kernel/memory/frames/frame_bitset.hpp"
#include "kernel/memory/frames/frame_buddy.hpp"
#include "kernel/memory/frames/frame_freelist.hpp"
#include "kernel/memory/frames/frame_hybrid.hpp"
#include "kernel/memory/frames/frame_segregated.hpp"
#include "kernel/memory/frames/frame_tree.hpp"

namespace kernel {
namespace {

template <class Strategy>
FrameStrategy* create(void* room, const FrameMap& map, void* metadata) {
    auto* strategy = new (room) Strategy;
    return strategy->initialise(map, metadata) == Status::Ok ? strategy : nullptr;
}

template <class Strategy>
constexpr StrategyKind kind(std::string_view name) {
    static_assert(sizeof(Strategy) <= strategy_room && alignof(Strategy) <= 64);
    return {name, Strategy::metadata_size, sizeof(Strategy), create<Strategy>};
}

constexpr StrategyKind kinds[] = {
    kind<FrameFreelist>("freelist"), kind<FrameBuddy>("buddy"), kind<FrameBitset>("bitset"),
    kind<FrameHybrid>("hybrid"),     kind<FrameTree>("tree"),   kind<FrameSegregated>("segregated"),
};

}  // namespace

const StrategyKind* find_strategy(std::string_view name) {
    for (const StrategyKind& kind : kinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

unsigned strategy_count() {
    return sizeof kinds / sizeof kinds[0];
}

const StrategyKind& strategy_at(unsigned index) {
    return kinds[index];
}

}  // namespace kernel
