// SPDX-License-Identifier: Apache-2.0
// compute_loop ITERATIONS: eight register-only instructions an iteration, for simulator speed.
#include "user/lib/console.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint64_t default_iterations = 1'000'000;
constexpr uint64_t instructions_per_iteration = 8;

void compute(uint64_t iterations) {
    uint64_t a = 1;
    uint64_t b = 2;
    uint64_t c = 3;
    asm volatile(
        "1:\n"
        "add %[a], %[a], %[b]\n"
        "eor %[b], %[b], %[a], lsl #7\n"
        "add %[c], %[c], #3\n"
        "mul %[a], %[a], %[c]\n"
        "ror %[b], %[b], #11\n"
        "orr %[c], %[c], %[b], lsr #60\n"
        "subs %[n], %[n], #1\n"
        "b.ne 1b\n"
        : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [n] "+r"(iterations)
        :
        : "cc");
}

}  // namespace

int user_main(std::string_view arguments) {
    const auto iterations =
        arguments.empty() ? Result(default_iterations) : parse_number(take_word(arguments));
    if (!iterations || *iterations == 0) {
        print("compute_loop: usage: compute_loop ITERATIONS, at least 1\n");
        return 2;
    }
    const uint64_t start = system::clock_now();
    compute(*iterations);
    const uint64_t end = system::clock_now();
    print("compute_loop: instructions={} nanoseconds={}\n",
          *iterations * instructions_per_iteration, end - start);
    return 0;
}

}  // namespace user
