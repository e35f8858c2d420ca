// SPDX-License-Identifier: Apache-2.0
// The whole kernel on the host, without a phone around it: a fake machine, system calls made one
// after the other. Built with the plain kernel and with the one that counts cycles, it tells what
// counting costs; the latter also tells the modelled cycles of a round, by core type.
#include <benchmark/benchmark.h>

#include "tests/kernel/running_kernel.hpp"

namespace {

namespace abi = kernel::abi;
using kernel::RunningKernel;
using Call = abi::SystemCall;
constexpr uint64_t page = hal::page_size;
constexpr uint64_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

// One for the process: the kernel boots once.
RunningKernel& running() {
    static RunningKernel the_kernel;
    return the_kernel;
}

uint64_t call(std::initializer_list<uint64_t> arguments, Call number) {
    constexpr uint32_t supervisor_call = 0x15U << 26 | 1U << 25;
    hal::UserFrame& frame = *running().frame;
    frame.x[8] = static_cast<uint64_t>(number);
    size_t index = 0;
    for (const uint64_t argument : arguments) frame.x[index++] = argument;
    running().frame = kernel::entry::trap({hal::TrapKind::Synchronous, supervisor_call, 0}).frame;
    return frame.x[0];
}

// A benchmark whose call is refused would measure something else.
void require(benchmark::State& state, bool good) {
    if (!good) state.SkipWithError("a system call was refused");
}

// A benchmark of rounds, and what kernel code of one costs by the model.
template <class Round>
void run_rounds(benchmark::State& state, Round round) {
    for (auto _ : state) round();
    // Few, as the lanes of the clock run over.
    constexpr unsigned rounds = 64;
    constexpr double parts_per_cycle = 64;
    const hal::host::Clock begin = hal_host_clock;
    for (unsigned i = 0; i < rounds; ++i) round();
    const char* const* type = hal::host::core_types();
    for (unsigned lane = 0; type[lane] != nullptr; ++lane) {
        const uint32_t parts = hal_host_clock.parts[lane] - begin.parts[lane];
        state.counters[type[lane]] = parts / parts_per_cycle / rounds;
    }
}

void null_call(benchmark::State& state) {
    run_rounds(state, [] { benchmark::DoNotOptimize(call({}, Call::Null)); });
}
BENCHMARK(null_call);

void yield(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(call({}, Call::ThreadYield));
}
BENCHMARK(yield);

void copy_in(benchmark::State& state) {
    for (auto _ : state) require(state, call({RunningKernel::buffer, 0}, Call::ConsoleWrite) == 0);
}
BENCHMARK(copy_in);

void copy_out(benchmark::State& state) {
    for (auto _ : state) require(state, call({RunningKernel::buffer}, Call::SystemInfo) == 0);
}
BENCHMARK(copy_out);

void map_pages(benchmark::State& state) {
    const uint64_t size = static_cast<uint64_t>(state.range(0)) * page;
    run_rounds(state, [&] {
        const uint64_t place = call({size, read_write, 0}, Call::MemoryMap);
        require(state, call({place, size}, Call::MemoryUnmap) == 0);
    });
}
BENCHMARK(map_pages)->Arg(1)->Arg(64);

void protect_pages(benchmark::State& state) {
    const uint64_t size = static_cast<uint64_t>(state.range(0)) * page;
    const uint64_t place = call({size, read_write, 0}, Call::MemoryMap);
    for (auto _ : state) {
        require(state, call({place, size, abi::ProtectionRead}, Call::MemoryProtect) == 0);
        require(state, call({place, size, read_write}, Call::MemoryProtect) == 0);
    }
    require(state, call({place, size}, Call::MemoryUnmap) == 0);
}
BENCHMARK(protect_pages)->Arg(1)->Arg(64);

void refused_call(benchmark::State& state) {
    for (auto _ : state) {
        require(state, static_cast<int64_t>(call({16, 64}, Call::ConsoleWrite)) < 0);
    }
}
BENCHMARK(refused_call);

void start_and_kill_tasks(benchmark::State& state) {
    RunningKernel& kernel = running();
    for (auto _ : state) {
        const uint64_t id = kernel.spawn("bin/child");
        const uint64_t name = kernel.right_to_task(id);
        require(state, call({name}, Call::TaskKill) == 0);
        require(state, call({name, RunningKernel::buffer}, Call::TaskWait) == 0);
    }
}
BENCHMARK(start_and_kill_tasks);

}  // namespace
