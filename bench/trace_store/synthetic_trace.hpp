// SPDX-License-Identifier: Apache-2.0
// A synthetic trace of a busy phone, of any length: kernel records of eight CPUs and device events,
// made into a file by the simulator's own translator and writer. The same every time.
#pragma once

#include <cstdint>
#include <filesystem>

namespace trace_bench {

// Writes a trace of at least so many events; returns how many it has.
uint64_t write_synthetic_trace(const std::filesystem::path& path, uint64_t events);

}  // namespace trace_bench
