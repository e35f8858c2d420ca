// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/parameters.hpp"

#include <gtest/gtest.h>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

constexpr auto shared_text = R"(
[l3]
size = 3_145_728
ways = 12
line = 64
latency_cycles = 18
[cluster]
l3_replacement = "random"
megahertz = 1612
snoop_cycles = 16
[dram]
controller = 12.0
writes_high = 24
writes_low = 12
mapping = ["column 5", "bank 3", "row 14"]
bank_permutation = false
[dram.timing]
tRCD = 18.0
tRPpb = 18.0
tRPab = 21.0
tRAS = 42.0
RL = 16.875
tDQSCK = 3.5
WL = 8.4375
burst = 7.5
tRTP = 7.5
tWR = 18.0
tWTR = 10.0
tRRD = 7.5
tFAW = 30.0
tRFCab = 130.0
tREFI = 3904.0
read_to_write = 1.875
rank_switch = 1.875
[[node]]
name = "near"
base = 0x8000_0000
size = 0x1000_0000
distance = 24.0
)";

// The complaint about the file with one piece of its text replaced.
std::string with(std::string_view piece, std::string_view other) {
    std::string text = shared_text;
    text.replace(text.find(piece), piece.size(), other);
    return complaint(
        [&] { (void)shared_parameters(data::Parameters::parse("memory/sample", text)); });
}

TEST(MemoryParameters, AreRead) {
    const SharedParameters shared =
        shared_parameters(data::Parameters::parse("memory/sample", shared_text));
    EXPECT_EQ(shared.cluster.hertz, 1'612'000'000u);
    EXPECT_EQ(shared.memory.dram.timing.read_latency, 20'375u);
    EXPECT_EQ(shared.memory.dram.timing.refi, 3'904'000u);
    EXPECT_EQ(shared.memory.dram.mapping.bits(DramMapping::Field::row), 14u);
    EXPECT_EQ(shared.memory.nodes.at(0).distance, 24'000u);
}

TEST(MemoryParameters, SayWhatIsWrong) {
    EXPECT_EQ(with("tRCD = 18.0", ""), "memory/sample: dram: timing: tRCD is missing");
    EXPECT_EQ(with("writes_low = 12", "writes_low = 24"),
              "memory/sample: dram: writes_low is 24, it must be 0 to 23");
    EXPECT_EQ(with("random", "fifo"),
              "memory/sample: cluster: l3_replacement is \"fifo\", it must be lru or random");
    EXPECT_EQ(with("row 14", "rows 14"),
              "memory/sample: dram: mapping: \"rows 14\" is no part of a mapping, give channel, "
              "rank, bank, row or column and its bits, as \"row 14\"");
    EXPECT_EQ(with("bank 3", "bank three"),
              "memory/sample: dram: mapping: \"bank three\" is no part of a mapping, give channel, "
              "rank, bank, row or column and its bits, as \"row 14\"");
    EXPECT_NE(with("row 14", "row 13").find("size is 0x10000000, the mapping's parts make 0x8000"),
              std::string::npos);
    EXPECT_NE(with("snoop_cycles", "snoop_cycle").find("snoop_cycle"), std::string::npos);
    EXPECT_EQ(with("[[node]]", "[nodes]").substr(0, 15), "memory/sample: ");
}

TEST(MemoryParameters, OfThePhoneAreComplete) {
    EXPECT_EQ(phone8().memory.nodes.size(), 2u);
    EXPECT_EQ(cortex_a76().l1d.size, 65536u);
    EXPECT_EQ(cortex_a55().exposure.reorder_cycles, 0u);
}

}  // namespace
}  // namespace orrery::memory
