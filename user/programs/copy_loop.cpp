// SPDX-License-Identifier: Apache-2.0
// copy_loop ITERATIONS: copies 64 KiB with load and store pairs, for simulator speed.
#include "user/lib/console.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint64_t default_iterations = 100;
constexpr uint64_t block_size = 64 * 1024;
constexpr uint64_t step_size = 64;
constexpr uint64_t steps = block_size / step_size;
// Ten instructions a step of the inner loop, five around it.
constexpr uint64_t instructions_per_iteration = steps * 10 + 5;

alignas(64) uint8_t source[block_size];
alignas(64) uint8_t destination[block_size];

void copy(uint64_t iterations) {
    asm volatile(
        "1:\n"
        "mov x9, %[source]\n"
        "mov x10, %[destination]\n"
        "mov x11, %[steps]\n"
        "2:\n"
        "ldp x12, x13, [x9], #16\n"
        "stp x12, x13, [x10], #16\n"
        "ldp x12, x13, [x9], #16\n"
        "stp x12, x13, [x10], #16\n"
        "ldp x12, x13, [x9], #16\n"
        "stp x12, x13, [x10], #16\n"
        "ldp x12, x13, [x9], #16\n"
        "stp x12, x13, [x10], #16\n"
        "subs x11, x11, #1\n"
        "b.ne 2b\n"
        "subs %[n], %[n], #1\n"
        "b.ne 1b\n"
        : [n] "+r"(iterations)
        : [source] "r"(source), [destination] "r"(destination), [steps] "r"(steps)
        : "x9", "x10", "x11", "x12", "x13", "cc", "memory");
}

bool copied() {
    for (uint64_t i = 0; i < block_size; ++i) {
        if (destination[i] != static_cast<uint8_t>(i * 7)) return false;
    }
    return true;
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto iterations =
        arguments.empty() ? Result(default_iterations) : parse_number(take_word(arguments));
    if (!iterations || *iterations == 0) {
        print("copy_loop: usage: copy_loop ITERATIONS, at least 1\n");
        return 2;
    }
    for (uint64_t i = 0; i < block_size; ++i) source[i] = static_cast<uint8_t>(i * 7);

    const uint64_t start = system::clock_now();
    copy(*iterations);
    const uint64_t end = system::clock_now();
    if (!copied()) {
        print("copy_loop: the copy differs\n");
        return 1;
    }
    print("copy_loop: instructions={} nanoseconds={}\n", *iterations * instructions_per_iteration,
          end - start);
    return 0;
}

}  // namespace user
