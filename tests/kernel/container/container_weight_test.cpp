// SPDX-License-Identifier: Apache-2.0
// cpu.weight with the fair scheduler: containers have CPU time in the ratio of their weights.
#include <gtest/gtest.h>

#include "tests/kernel/container/container_bench.hpp"

namespace kernel {
namespace {

struct ContainerWeightTest : testing::Test, ContainerBench {
    ContainerWeightTest() : ContainerBench(usual("scheduler=fair")) {}
};

TEST_F(ContainerWeightTest, TimeIsSharedByContainersNotByThreads) {
    const uint64_t heavy = running("heavy", {{abi::ContainerLimit::CpuWeight, 300}});
    const uint64_t light = running("light", {{abi::ContainerLimit::CpuWeight, 100}});
    for (unsigned i = 0; i < 3; ++i) (void)spawn_in(light);
    start_call(abi::SystemCall::ThreadSleep, {10'000'000'000});
    const uint64_t begin = machine.counter();
    while (machine.counter() - begin < FakeMachine::frequency * 8) {
        machine.advance(FakeMachine::frequency / 5'000);
        machine.raise(FakeMachine::timer_interrupt);
        trap(hal::TrapKind::Interrupt);
    }
    const auto used = [](uint64_t id) {
        return static_cast<double>(kernel().containers.find(id)->usage);
    };
    EXPECT_NEAR(used(heavy) / used(light), 3.0, 0.3);
}

}  // namespace
}  // namespace kernel
