// SPDX-License-Identifier: Apache-2.0
// Every strategy that the kernel command line knows conforms.
#include "tests/kernel/memory/frames/conformance_suite.hpp"

namespace kernel {
namespace {

INSTANTIATE_TEST_SUITE_P(Strategies, ConformanceTest, testing::ValuesIn(all_variants()),
                         variant_name);

}  // namespace
}  // namespace kernel
