// SPDX-License-Identifier: Apache-2.0
// small_trace: a trace of a few events. Its file has no Qt, whose word `emit` is a name in the
// simulator's writer.
#pragma once

#include <filesystem>

namespace inspector::testing {

// Two CPUs: thread 2 runs on CPU 0 from 1000 to 5000 and calls; it wakes thread 3, which runs on
// CPU 1 from 4000 on. Times in nanoseconds.
void write_small_trace(const std::filesystem::path& path);

}  // namespace inspector::testing
