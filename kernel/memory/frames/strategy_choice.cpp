// SPDX-License-Identifier: Apache-2.0
// The strategies by name.
#include "kernel/memory/frames/strategy_choice.hpp"

#include "kernel/memory/frames/frame_bitset.hpp"
#include "kernel/memory/frames/frame_buddy.hpp"
#include "kernel/memory/frames/frame_freelist.hpp"
#include "kernel/memory/frames/frame_hybrid.hpp"
#include "kernel/memory/frames/frame_segregated.hpp"
#include "kernel/memory/frames/frame_tree.hpp"

namespace kernel {
namespace {

constexpr StrategyKind kinds[] = {
    strategy_kind<FrameFreelist>("freelist"), strategy_kind<FrameBuddy>("buddy"),
    strategy_kind<FrameBitset>("bitset"),     strategy_kind<FrameHybrid>("hybrid"),
    strategy_kind<FrameTree>("tree"),         strategy_kind<FrameSegregated>("segregated"),
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
