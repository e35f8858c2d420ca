// SPDX-License-Identifier: Apache-2.0
// The fuzzer of system calls: an input is the life of a kernel. With ORRERY_FUZZ_COUNT set in the
// environment it says at its end how many calls were made.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/fuzzed_kernel.hpp"

namespace {

uint64_t calls = 0;
uint64_t lives = 0;

void say_count() {
    std::fprintf(stderr, "%llu system calls in %llu lives\n",
                 static_cast<unsigned long long>(calls), static_cast<unsigned long long>(lives));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // What the tests' machine expects of itself is a finding as well.
    GTEST_FLAG_SET(break_on_failure, true);
    if (std::getenv("ORRERY_FUZZ_COUNT") != nullptr) std::atexit(say_count);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    fuzz::ByteSource source(bytes, size);
    calls += fuzz::FuzzedKernel(source).run();
    ++lives;
    return 0;
}
