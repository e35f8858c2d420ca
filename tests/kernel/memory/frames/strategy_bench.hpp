// SPDX-License-Identifier: Apache-2.0
// A page-frame strategy to test, whichever it is, over memory that is never touched.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <vector>

#include "kernel/memory/frames/node_frames.hpp"

namespace kernel {

constexpr uint64_t page = hal::page_size;
constexpr uint64_t section = FrameMap::section_frames * page;

struct AlignedDelete {
    void operator()(char* bytes) const { operator delete[](bytes, std::align_val_t{64}); }
};
using AlignedBytes = std::unique_ptr<char[], AlignedDelete>;

// Exactly as much as asked for, so that a write beyond it is seen, and not zero.
inline AlignedBytes aligned_bytes(uint64_t size) {
    AlignedBytes bytes(static_cast<char*>(operator new[](size, std::align_val_t{64})));
    for (uint64_t i = 0; i < size; ++i) bytes[i] = '\xa5';
    return bytes;
}

class StrategyBench {
  public:
    StrategyBench(std::string_view name, bool page_cache, const std::vector<FrameRange>& memory)
        : StrategyBench(*find_strategy(name), page_cache, memory) {}
    StrategyBench(const StrategyKind& kind, bool page_cache,
                  const std::vector<FrameRange>& memory) {
        if (map.initialise(memory.data(), static_cast<unsigned>(memory.size())) != Status::Ok) {
            std::abort();
        }
        metadata_size = NodeFrames::metadata_size(kind, map, page_cache);
        metadata = aligned_bytes(metadata_size);
        strategy = frames->initialise(kind, map, page_cache, metadata.get());
    }

    FrameMap map;
    uint64_t metadata_size = 0;
    AlignedBytes metadata;
    std::unique_ptr<NodeFrames> frames = std::make_unique<NodeFrames>();
    FrameStrategy* strategy = nullptr;
};

struct Variant {
    const StrategyKind* kind;
    bool page_cache;
};

// As tests print it: without addresses, which differ from run to run.
inline void PrintTo(const Variant& variant, std::ostream* out) {
    *out << variant.kind->name << (variant.page_cache ? " with page cache" : "");
}

// Every strategy, with and without the page cache.
inline std::vector<Variant> all_variants() {
    std::vector<Variant> variants;
    for (unsigned i = 0; i < strategy_count(); ++i) {
        for (const bool page_cache : {false, true}) {
            variants.push_back({&strategy_at(i), page_cache});
        }
    }
    return variants;
}

inline std::string variant_name(const testing::TestParamInfo<Variant>& info) {
    return std::string(info.param.kind->name) + (info.param.page_cache ? "_cached" : "");
}

}  // namespace kernel
