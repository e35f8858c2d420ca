// SPDX-License-Identifier: Apache-2.0
// How kernel_bench tells what it measured.
#include "user/programs/kernel_bench_parts.hpp"

#include <algorithm>

#include "user/lib/console.hpp"

namespace user {

void report(std::string_view name, uint64_t count, uint64_t nanoseconds) {
    print("kernel_bench: {} {} times {} ns\n", name, count, nanoseconds);
}

void Samples::report(std::string_view name, std::string_view suffix) {
    if (count_ == 0) return;
    std::sort(ticks_, ticks_ + count_);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count_; ++i) sum += ticks_[i];
    // The smallest one that 99 % do not exceed.
    const uint32_t percentile = ticks_[(uint64_t{count_} * 99 + 99) / 100 - 1];
    print("kernel_bench: {}{} {} times {} ns, 99 % within {} ns, worst {} ns\n", name, suffix,
          count_, nanoseconds_of(sum), nanoseconds_of(percentile),
          nanoseconds_of(ticks_[count_ - 1]));
    count_ = 0;
}

}  // namespace user
