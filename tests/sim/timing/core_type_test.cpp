// SPDX-License-Identifier: Apache-2.0
#include "sim/timing/core_type.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "sim/data/parameters.hpp"

namespace orrery::timing {
namespace {

std::string little_core() {
    std::ifstream file(ORRERY_CORES "/cortex-a55.toml");
    return {std::istreambuf_iterator<char>(file), {}};
}

// What is said of the little core's file after `found` has become `changed`.
std::string complaint(std::string_view found, std::string_view changed) {
    std::string text = little_core();
    const size_t where = text.find(found);
    if (where == std::string::npos) return "the file has no such text";
    text.replace(where, found.size(), changed);
    try {
        const CoreType core = CoreType::read("sample", data::Parameters::parse("sample", text));
        return core.name + " has no fault";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

TEST(CoreType, LoadsEachOfTheList) {
    const std::vector<std::string> names = CoreType::list();
    EXPECT_EQ(names, (std::vector<std::string>{"cortex-a55", "cortex-a76"}));
    for (const std::string& name : names) {
        const CoreType core = CoreType::load(name);
        EXPECT_EQ(core.name, name);
        EXPECT_EQ(core.memory.l1_data.line, 64u);
        EXPECT_GT(core.memory.l2.latency_cycles, core.memory.l1_data.latency_cycles);
        EXPECT_GT(core.branches.misprediction_cycles, core.branches.taken_bubble_cycles);
    }
}

TEST(CoreType, CachesAnswerAsLoadsDo) {
    for (const std::string& name : CoreType::list()) {
        const CoreType core = CoreType::load(name);
        EXPECT_EQ(core.memory.l1_data.latency_cycles, core.timing(Operation::load).latency);
    }
}

TEST(CoreType, KnowsPartsOfPipes) {
    const CoreType core = CoreType::load("cortex-a76");
    const std::vector<PipeGroup>& pipes = core.pipeline.pipes;
    EXPECT_EQ(pipes[2].name, "multi");
    EXPECT_EQ(pipes[static_cast<size_t>(pipes[2].part_of)].name, "integer");
    EXPECT_EQ(pipes[0].part_of, -1);
}

TEST(CoreType, RefusesANameThatThereIsNot) {
    EXPECT_THROW((void)CoreType::load("cortex-a1"), std::runtime_error);
}

TEST(CoreType, RefusesMisspeltKeys) {
    EXPECT_NE(complaint("skewed_integer", "skewed_integr").find("skewed_integr is not known"),
              std::string::npos);
    EXPECT_NE(complaint("misprediction_cycles", "mispredicted").find("mispredicted is not known"),
              std::string::npos);
    EXPECT_NE(complaint("multiply_high =", "multiply_hi =").find("multiply_hi is not known"),
              std::string::npos);
    EXPECT_NE(complaint("outstanding_misses", "outstanding").find("outstanding is not known"),
              std::string::npos);
}

TEST(CoreType, RefusesAMissingOperation) {
    EXPECT_EQ(complaint("atomic = ", "# atomic = "), "sample: operations: atomic is missing");
}

TEST(CoreType, RefusesUnknownWords) {
    EXPECT_EQ(complaint("kind = \"in-order\"", "kind = \"in order\""),
              "sample: pipeline: kind is \"in order\", it must be in-order, out-of-order");
    EXPECT_NE(complaint("pipes = [\"divide\"]", "pipes = [\"division\"]").find("\"division\""),
              std::string::npos);
    EXPECT_NE(complaint("slots = \"first\"", "slots = \"zero\"").find("both, first, second, alone"),
              std::string::npos);
}

TEST(CoreType, RefusesWhatWouldBeWithoutEffect) {
    EXPECT_EQ(complaint("address_update = { latency = 1, pipes = [] }",
                        "address_update = { latency = 1, pipes = [\"integer\"] }"),
              "sample: operations: address_update must take no pipes in an in-order core");
    EXPECT_NE(complaint("name = \"shifter\"", "part_of = \"integer\"\nname = \"shifter\"")
                  .find("\"shifter\" part_of"),
              std::string::npos);
    EXPECT_NE(complaint("width = 2", "window = 128\nwidth = 2").find("window is not known"),
              std::string::npos);
}

TEST(CoreType, RefusesCachesThatCannotBe) {
    EXPECT_EQ(complaint("size = 32_768, ways = 4", "size = 32_769, ways = 4"),
              "sample: memory: l1_instruction: size must be a multiple of ways times line");
    EXPECT_EQ(complaint("size = 32_768, ways = 4", "size = 24_576, ways = 4"),
              "sample: memory: l1_instruction: size must give a number of sets that is a power of "
              "two");
    EXPECT_NE(complaint("entries = 1024, ways = 4", "entries = 1022, ways = 4")
                  .find("entries must be a multiple of ways"),
              std::string::npos);
}

}  // namespace
}  // namespace orrery::timing
