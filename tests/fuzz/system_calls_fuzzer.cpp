// SPDX-License-Identifier: Apache-2.0
// The fuzzer of system calls: an input is the life of a kernel. With ORRERY_FUZZ_COUNT set in the
// environment it says at its end how many calls were made.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "tests/fuzz/fuzzed_kernel.hpp"

namespace {

// Objects that are left of a life in which nothing happened, by the first byte's choice.
uint64_t usual_objects(uint8_t first) {
    static std::map<unsigned, uint64_t> known;
    const auto [found, is_new] = known.try_emplace(first % fuzz::FuzzedKernel::variants, 0);
    if (is_new) {
        fuzz::ByteSource nothing(&first, 1);
        fuzz::FuzzedKernel kernel(nothing);
        (void)kernel.run(UINT32_MAX);
        found->second = kernel.objects();
    }
    return found->second;
}

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
    const uint64_t usual = usual_objects(size != 0 ? bytes[0] : uint8_t{0});
    calls += fuzz::FuzzedKernel(source).run(usual);
    ++lives;
    return 0;
}
