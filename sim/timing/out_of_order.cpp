// SPDX-License-Identifier: Apache-2.0
// The out-of-order pipeline, approximated by bounds after the first-order model of Karkhanis and
// Smith, "A First-Order Superscalar Processor Model", ISCA 2004: without miss events a wide core
// runs at the rate that width, pipes and dependences allow.
//
// The cost of a block is the largest of its instructions over the width of dispatch, the work of
// each group of pipes over their number, and its longest chain of dependences. Both latter count in
// full when the block fills the instruction window. Blocks before and after a shorter one execute
// at the same time, so of its chain a share counts, instructions over window, and its pipes may
// also work in what time the neighbors leave them. This differs from the paper, which measures
// chains in windows of a whole trace: here a block is all there is to see. Serializing instructions
// empty the window: what is before them counts in full. A block that branches to its own start is a
// loop and its own neighbor: it costs what a round takes in the long run. A block that branches to
// before its start ends the body of a loop, which takes at least the chain from this block to its
// next round.
#include <algorithm>

#include "sim/timing/cost_model.hpp"
#include "sim/timing/pipeline.hpp"
#include "sim/timing/scoreboard.hpp"

namespace orrery::timing {

namespace {

// One block on its way through the window.
class OutOfOrderRun final {
  public:
    explicit OutOfOrderRun(const CoreType& core)
        : core_(core), work_(core.pipeline.pipes.size(), 0) {}

    void add(const Instruction& instruction) {
        const OperationTiming& timing = core_.timing(instruction.operation);
        ++instructions_;
        load_pipes(instruction, timing);
        if (timing.serializes) {
            spent_ = alone() + uint64_t{timing.latency} * parts_per_cycle;
            restart();
            return;
        }
        extend_chain(instruction, timing);
        if (instruction.always_taken) {
            spent_ += uint64_t{core_.branches.taken_bubble_cycles} * parts_per_cycle;
        }
    }

    [[nodiscard]] uint32_t parts() const {
        const uint64_t window = core_.pipeline.window;
        const uint64_t filled = std::min(instructions_, window);
        const uint64_t share = chain() * filled / window;
        return static_cast<uint32_t>(spent_ + std::max(throughput(window - filled), share));
    }
    // The same when the window holds nothing else and the chain counts in full.
    [[nodiscard]] uint64_t alone() const { return spent_ + std::max(throughput(0), chain()); }
    // The longest chain of dependences, in parts.
    [[nodiscard]] uint64_t chain() const {
        return static_cast<uint64_t>(board_.all()) * parts_per_cycle;
    }

  private:
    void load_pipe(uint32_t group, uint64_t cycles) {
        for (int32_t i = static_cast<int32_t>(group); i >= 0;) {
            work_[static_cast<size_t>(i)] += cycles;
            i = core_.pipeline.pipes[static_cast<size_t>(i)].part_of;
        }
    }

    void load_pipes(const Instruction& instruction, const OperationTiming& timing) {
        const uint64_t halves = is_doubled(instruction, core_.pipeline) ? 2 : 1;
        for (const uint32_t group : timing.pipes) {
            load_pipe(group, halves * timing.busy * beats(instruction, core_.pipeline));
        }
        if (instruction.base == 0) return;
        for (const uint32_t group : core_.timing(Operation::address_update).pipes) {
            load_pipe(group, 1);
        }
    }

    void extend_chain(const Instruction& instruction, const OperationTiming& timing) {
        int64_t start = board_.operands(instruction.reads | instruction.data);
        start = std::max(start, board_.addresses(instruction.address));
        start =
            std::max(start, board_.accumulators(instruction.accumulator, instruction.operation));
        if (instruction.reads_flags) start = std::max(start, board_.flags());
        board_.produce(instruction, timing, start, timing.latency);
        const OperationTiming& update = core_.timing(Operation::address_update);
        const int64_t address = board_.addresses(instruction.base);
        board_.produce_base(instruction.base, address + update.latency);
    }

    // What width and pipes allow, in parts, when the window holds `neighbors` other instructions.
    [[nodiscard]] uint64_t throughput(uint64_t neighbors) const {
        const PipelineParameters& pipeline = core_.pipeline;
        const uint64_t around = neighbors * parts_per_cycle / pipeline.width;
        const uint64_t spare = around * pipeline.spare_pipe_percent / 100;
        uint64_t most = instructions_ * parts_per_cycle / pipeline.width;
        for (size_t i = 0; i < work_.size(); ++i) {
            const uint64_t needed = work_[i] * parts_per_cycle / pipeline.pipes[i].count;
            if (needed > spare) most = std::max(most, needed - spare);
        }
        return most;
    }

    void restart() {
        instructions_ = 0;
        std::fill(work_.begin(), work_.end(), 0);
        board_ = {};
    }

    const CoreType& core_;
    Scoreboard board_;
    std::vector<uint64_t> work_;  // cycles for each group of pipes
    uint64_t instructions_ = 0;
    uint64_t spent_ = 0;  // before the window was last empty, and taken branches
};

class OutOfOrder final : public Pipeline {
  public:
    explicit OutOfOrder(const CoreType& core) : core_(core) {}

    void run(std::span<const Instruction> code, std::vector<uint32_t>& parts) override {
        OutOfOrderRun block(core_);
        for (const Instruction& instruction : code) {
            block.add(instruction);
            parts.push_back(block.parts());
        }
        if (is_loop(code)) parts.back() = std::max(parts.back(), round(block, code).all);
        if (ends_loop(code)) parts.back() = std::max(parts.back(), round(block, code).chain);
    }

  private:
    struct Round {
        uint32_t all = 0;
        uint32_t chain = 0;  // from one round to the next
    };

    // What each round of a loop takes. The window is full of rounds, so pipes and the chain count
    // in full.
    static Round round(OutOfOrderRun& block, std::span<const Instruction> code) {
        const auto repeat = [&](uint32_t times) {
            for (uint32_t i = 0; i < times; ++i) {
                for (const Instruction& instruction : code) block.add(instruction);
            }
        };
        repeat(loop_warm_up);
        const uint64_t all = block.alone();
        const uint64_t chain = block.chain();
        repeat(loop_rounds);
        // A serializing instruction ends all chains.
        const uint64_t longer = block.chain() > chain ? block.chain() - chain : 0;
        return {static_cast<uint32_t>((block.alone() - all) / loop_rounds),
                static_cast<uint32_t>(longer / loop_rounds)};
    }

    const CoreType& core_;
};

}  // namespace

std::unique_ptr<Pipeline> make_out_of_order(const CoreType& core) {
    return std::make_unique<OutOfOrder>(core);
}

}  // namespace orrery::timing
