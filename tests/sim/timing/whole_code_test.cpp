// SPDX-License-Identifier: Apache-2.0
// The cost model and its decoder on all code of the kernel image and of a program.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string_view>

#include "sim/timing/cost_model.hpp"
#include "sim/timing/decoder.hpp"
#include "tests/sim/timing/executable_code.hpp"

namespace orrery::timing {
namespace {

Instruction decode(uint32_t word) {
    static Decoder decoder;
    return decoder.decode(word);
}

const std::vector<uint32_t>& kernel() {
    static const std::vector<uint32_t> code = executable_code(ORRERY_KERNEL_ELF);
    return code;
}
const std::vector<uint32_t>& program() {
    static const std::vector<uint32_t> code = executable_code(ORRERY_PROGRAM_ELF);
    return code;
}

std::set<uint32_t> distinct_words() {
    std::set<uint32_t> words(kernel().begin(), kernel().end());
    words.insert(program().begin(), program().end());
    words.erase(0);  // UDF #0 fills gaps between sections
    return words;
}

// What code falls into at instructions after which something else may follow.
std::vector<std::span<const uint32_t>> blocks(std::span<const uint32_t> code) {
    std::vector<std::span<const uint32_t>> found;
    size_t begin = 0;
    for (size_t i = 0; i < code.size(); ++i) {
        if (!decode(code[i]).terminates && i + 1 < code.size()) continue;
        found.push_back(code.subspan(begin, i + 1 - begin));
        begin = i + 1;
    }
    return found;
}

TEST(WholeCode, EveryInstructionDecodes) {
    ASSERT_GT(kernel().size(), 8000u);
    for (const uint32_t word : distinct_words()) {
        EXPECT_NE(decode(word).operation, Operation::unknown) << fmt::format("{:#010x}", word);
    }
}

TEST(WholeCode, EveryInstructionCosts) {
    for (const std::string& name : CoreType::list()) {
        CostModel model(CoreType::load(name));
        for (const uint32_t word : distinct_words()) {
            EXPECT_GT(model.cost(std::array{word}), 0u) << name << fmt::format(" {:#010x}", word);
        }
    }
}

TEST(WholeCode, CumulativeNeverDecreasesAndEndsInTheCost) {
    for (const std::string& name : CoreType::list()) {
        CostModel model(CoreType::load(name));
        std::vector<uint32_t> parts;
        for (const std::span<const uint32_t> block : blocks(kernel())) {
            model.cumulative(block, parts);
            ASSERT_EQ(parts.size(), block.size());
            EXPECT_TRUE(std::is_sorted(parts.begin(), parts.end())) << name;
            EXPECT_EQ(parts.back(), model.cost(block)) << name;
        }
    }
}

// The engine charges the beginning of a block when something stops it there.
TEST(WholeCode, BeginningsCostWhatTheCumulativeSays) {
    for (const std::string& name : CoreType::list()) {
        CostModel model(CoreType::load(name));
        std::vector<uint32_t> parts;
        for (const std::span<const uint32_t> block : blocks(program())) {
            model.cumulative(block, parts);
            for (size_t i = 1; i < block.size(); ++i) {
                EXPECT_EQ(model.cost(block.first(i)), parts[i - 1]) << name;
            }
        }
    }
}

// How much more two pieces cost than the whole, in percent of all wholes: the mean with and without
// its sign.
struct SplitError {
    double sign = 0;
    double size = 0;
};

class SplitMeasure final {
  public:
    explicit SplitMeasure(std::string_view core) : model_(CoreType::load(core)) {}

    void add(std::span<const uint32_t> code, size_t at) { add({code.first(at), code.subspan(at)}); }
    // Pieces that follow each other.
    void add(const std::vector<std::span<const uint32_t>>& pieces) {
        double all = 0;
        size_t words = 0;
        for (const std::span<const uint32_t> piece : pieces) {
            all += model_.cost(piece);
            words += piece.size();
        }
        const double whole = model_.cost({pieces.front().data(), words});
        whole_ += whole;
        sign_ += all - whole;
        size_ += std::abs(all - whole);
    }
    [[nodiscard]] SplitError percent() const {
        return {100 * sign_ / whole_, 100 * size_ / whole_};
    }

  private:
    CostModel model_;
    double whole_ = 0;
    double sign_ = 0;
    double size_ = 0;
};

// Blocks are counted one by one, so this is what the method is wrong by: a conditional branch that
// falls through is a split of what the core sees as one piece. Out of order most of it comes from
// chains: a serializing instruction waits in full for one that begins in the same block, and the
// last block of a loop has only its own.
TEST(WholeCode, BlocksAddUp) {
    for (const std::string& name : CoreType::list()) {
        SplitMeasure measure(name);
        for (const std::vector<uint32_t>* code : {&kernel(), &program()}) {
            const auto all = blocks(*code);
            for (size_t i = 0; i + 1 < all.size(); ++i) {
                const Instruction last = decode(all[i].back());
                if (last.always_taken || last.operation != Operation::branch) continue;
                const std::span<const uint32_t> both(all[i].data(),
                                                     all[i].size() + all[i + 1].size());
                measure.add(both, all[i].size());
            }
        }
        const SplitError error = measure.percent();
        fmt::print("{}: at conditional branches {:+.2f} %, {:.2f} % without sign\n", name,
                   error.sign, error.size);
        EXPECT_LT(std::abs(error.sign), 3.0) << name;
        EXPECT_LT(error.size, 7.0) << name;
    }
}

// The blocks of a loop that ends at `last`, if control stays inside until there or leaves for good:
// a piece of code that the core executes again and again.
std::vector<std::span<const uint32_t>> loop_blocks(std::span<const uint32_t> code, size_t last) {
    const Instruction branch = decode(code[last]);
    const auto back = static_cast<size_t>(-int64_t{branch.distance});
    if (branch.operation != Operation::branch || branch.distance >= 0 || back > last) return {};
    const auto found = blocks(code.subspan(last - back, back + 1));
    for (const std::span<const uint32_t> block : found) {
        const Instruction end = decode(block.back());
        if (end.always_taken || end.operation != Operation::branch) return {};
    }
    return found;
}

// As long runs are mostly loops, this is what they are wrong by: the blocks of a loop one by one
// against its whole body as one that branches to its start.
TEST(WholeCode, LoopsOfSeveralBlocksAddUp) {
    for (const std::string& name : CoreType::list()) {
        SplitMeasure measure(name);
        size_t loops = 0;
        for (const std::vector<uint32_t>* code : {&kernel(), &program()}) {
            for (size_t i = 0; i < code->size(); ++i) {
                const auto pieces = loop_blocks(*code, i);
                if (pieces.size() < 2) continue;
                measure.add(pieces);
                ++loops;
            }
        }
        const SplitError error = measure.percent();
        fmt::print("{}: {} loops of several blocks {:+.2f} %, {:.2f} % without sign\n", name, loops,
                   error.sign, error.size);
        EXPECT_GT(loops, 50u);
        EXPECT_LT(std::abs(error.sign), 15.0) << name;
        EXPECT_LT(error.size, 25.0) << name;
    }
}

TEST(WholeCode, RandomSplitsAddUp) {
    constexpr size_t length = 32;
    for (const std::string& name : CoreType::list()) {
        SplitMeasure measure(name);
        std::mt19937 random(1);  // NOLINT: the same splits in every run
        for (const std::vector<uint32_t>* code : {&kernel(), &program()}) {
            for (size_t i = 0; i + length <= code->size(); i += length) {
                measure.add(std::span(*code).subspan(i, length), 1 + random() % (length - 1));
            }
        }
        const SplitError error = measure.percent();
        fmt::print("{}: at random places of {} instructions {:+.2f} %, {:.2f} % without sign\n",
                   name, length, error.sign, error.size);
        EXPECT_LT(std::abs(error.sign), 3.0) << name;
        EXPECT_LT(error.size, 7.0) << name;
    }
}

}  // namespace
}  // namespace orrery::timing
