// SPDX-License-Identifier: Apache-2.0
// e to the power of x, from additions and multiplications alone: the C library's exp() may differ
// in its last bit from one host processor to another, and the model must not.
#pragma once

#include <cmath>

namespace orrery::power {

// Precondition: |x| < 600. Relative error below 1e-14.
[[nodiscard]] inline double exponential(double x) {
    constexpr double ln2 = 0.693147180559945309417;
    const double halvings = std::floor(x / ln2 + 0.5);
    const double rest = x - halvings * ln2;
    double sum = 1;
    for (int term = 16; term > 0; --term) sum = 1 + sum * rest / term;
    return std::ldexp(sum, static_cast<int>(halvings));
}

}  // namespace orrery::power
