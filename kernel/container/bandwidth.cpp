// SPDX-License-Identifier: Apache-2.0
// Bandwidth: periods, slices and debts.
#include "kernel/container/bandwidth.hpp"

namespace kernel {

void Bandwidth::set(uint64_t now, uint64_t quota, uint64_t period) {
    quota_ = quota;
    period_ = period;
    begin_ = now;
    left_ = quota == no_quota ? 0 : static_cast<int64_t>(quota);
    is_throttled_ = false;
}

// What is left is lost, what is owed is not.
void Bandwidth::refill(uint64_t now) {
    if (now < begin_ + period_) return;
    const uint64_t passed = (now - begin_) / period_;
    begin_ += passed * period_;
    ++periods_;
    is_throttled_ = false;
    const auto quota = static_cast<int64_t>(quota_);
    if (left_ > 0) left_ = 0;
    for (uint64_t i = 0; i < passed && left_ < quota; ++i) left_ += quota;
    if (left_ > quota) left_ = quota;
}

uint64_t Bandwidth::available(uint64_t now) {
    refill(now);
    return left_ > 0 ? static_cast<uint64_t>(left_) : 0;
}

void Bandwidth::settle(uint64_t taken, uint64_t used) {
    if (!is_limited()) return;
    left_ += static_cast<int64_t>(taken) - static_cast<int64_t>(used);
    if (left_ > static_cast<int64_t>(quota_)) left_ = static_cast<int64_t>(quota_);
}

bool Bandwidth::note_throttled() {
    if (is_throttled_) return false;
    is_throttled_ = true;
    ++throttled_;
    return true;
}

}  // namespace kernel
