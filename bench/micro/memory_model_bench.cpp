// SPDX-License-Identifier: Apache-2.0
// What the memory models cost the host: each is asked once for every load, store and fetch.
#include <benchmark/benchmark.h>

#include <array>

#include "sim/memory/parameters.hpp"

namespace {

using namespace orrery::memory;

constexpr uint64_t base = 0x8000'0000;

MemorySystem make_system() {
    const std::array cpus{MemorySystem::Cpu{core_parameters("cortex-a76"), 2'400'000'000}};
    return {shared_parameters(orrery::data::Parameters::open("memory/phone8")), cpus};
}

// Loads at a distance, around a working set, 100 ns apart.
void loads(benchmark::State& state) {
    MemorySystem system = make_system();
    CpuMemory& cpu = system.cpu(0);
    const auto bytes = static_cast<uint64_t>(state.range(0));
    const auto stride = static_cast<uint64_t>(state.range(1));
    uint64_t offset = 0;
    uint64_t now = 0;
    for (auto step : state) {
        benchmark::DoNotOptimize(cpu.load(base + offset, 8, now));
        offset = (offset + stride) & (bytes - 1);
        now += 100'000;
    }
}
BENCHMARK(loads)
    ->ArgNames({"bytes", "stride"})
    ->Args({8 << 10, 8})       // the newest line of each set
    ->Args({64 << 10, 4096})   // level 1, any line of a set
    ->Args({128 << 10, 64})    // level 2
    ->Args({64 << 20, 4160});  // memory

void stores(benchmark::State& state) {
    MemorySystem system = make_system();
    CpuMemory& cpu = system.cpu(0);
    uint64_t offset = 0;
    for (auto step : state) {
        benchmark::DoNotOptimize(cpu.store(base + offset, 8, 0));
        offset = (offset + 8) & 0x1fff;
    }
}
BENCHMARK(stores);

void fetches(benchmark::State& state) {
    MemorySystem system = make_system();
    CpuMemory& cpu = system.cpu(0);
    uint64_t offset = 0;
    for (auto step : state) {
        benchmark::DoNotOptimize(cpu.fetch(base + offset, 0));
        offset = (offset + 64) & 0x1fff;
    }
}
BENCHMARK(fetches);

void translations(benchmark::State& state) {
    MemorySystem system = make_system();
    CpuMemory& cpu = system.cpu(0);
    uint64_t address = 0;
    for (auto step : state) {
        if (cpu.translate(Side::data, address, 1, 0) == CpuMemory::needs_walk) {
            const std::array descriptors{base + (address >> 9)};
            cpu.walk({.address = address, .asid = 1, .descriptors = descriptors}, 0);
        }
        address = (address + 64) & 0xffff;
    }
}
BENCHMARK(translations);

void branches(benchmark::State& state) {
    MemorySystem system = make_system();
    uint64_t number = 0;
    for (auto step : state) {
        const uint64_t address = base + number % 64 * 16;
        benchmark::DoNotOptimize(
            system.cpu(0).branches().predict(address, number % 4 != 0, base + 4096));
        ++number;
    }
}
BENCHMARK(branches);

}  // namespace
