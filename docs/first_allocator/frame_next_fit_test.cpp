// SPDX-License-Identifier: Apache-2.0
// The tutorial's strategy conforms, and does what it says of itself.
#include "docs/first_allocator/frame_next_fit.hpp"

#include "tests/kernel/memory/frames/conformance_suite.hpp"

namespace kernel {
namespace {

constexpr StrategyKind next_fit = strategy_kind<FrameNextFit>("next_fit");

INSTANTIATE_TEST_SUITE_P(FirstAllocator, ConformanceTest,
                         testing::Values(Variant{&next_fit, false}, Variant{&next_fit, true}),
                         variant_name);

TEST(FrameNextFit, GivesAFrameBackAsLateAsItCan) {
    FakeMachine machine;
    const StrategyBench bench(next_fit, false, {{0x40'0000, 0x40'0000 + 3 * page}});
    const PhysicalAddress first = bench.strategy->allocate({}).value();
    EXPECT_EQ(first, 0x40'0000U);
    EXPECT_EQ(bench.strategy->free(first, 0, 0), Status::Ok);
    EXPECT_EQ(bench.strategy->allocate({}).value(), first + page);
}

}  // namespace
}  // namespace kernel
