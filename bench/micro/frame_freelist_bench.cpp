// SPDX-License-Identifier: Apache-2.0
// The page-frame strategies on the host: the very same source as in the kernel.
#include <benchmark/benchmark.h>

#include <vector>

#include "kernel/memory/frame_freelist.hpp"

namespace {

using kernel::FrameFreelist;
using kernel::FrameRange;

constexpr uint64_t frames = 1 << 16;

struct Freelist {
    Freelist() : metadata(FrameFreelist::metadata_size(frames) / sizeof(uint32_t)) {
        const FrameRange range{0x4000'0000, 0x4000'0000 + frames * hal::page_size};
        (void)strategy.initialise(&range, 1, metadata.data());
    }
    std::vector<uint32_t> metadata;
    FrameFreelist strategy;
};

void freelist_pair(benchmark::State& state) {
    Freelist freelist;
    for (auto _ : state) {
        const auto frame = freelist.strategy.allocate(0);
        benchmark::DoNotOptimize(freelist.strategy.free(frame.value(), 0));
    }
}
BENCHMARK(freelist_pair);

void freelist_bulk(benchmark::State& state) {
    Freelist freelist;
    std::vector<kernel::PhysicalAddress> held(1024);
    for (auto _ : state) {
        for (auto& frame : held) frame = freelist.strategy.allocate(0).value();
        for (const auto frame : held) {
            benchmark::DoNotOptimize(freelist.strategy.free(frame, 0));
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(held.size()));
}
BENCHMARK(freelist_bulk);

}  // namespace
