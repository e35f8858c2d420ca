// SPDX-License-Identifier: Apache-2.0
// The in-order pipeline: two instructions a cycle after the Cortex-A55 (Arm Cortex-A55 Software
// Optimization Guide, EPM128372, chapters 3 and 4).
//
// Instructions issue in program order into two slots a cycle, each as soon as its operands are
// forwarded and its pipes are free. An integer operation may execute in either of two stages, so it
// can take operands one cycle late, and an operand of the same cycle if that one executes early
// (the guide's 3.1.1). Stores need their data, and branches what they test, later still.
//
// An instruction that ends a block in the first slot has used half a cycle, because what follows
// could have issued with it; so splitting a block costs nothing on average. Results that are still
// on their way when a block ends are not waited for, except in a loop (is_loop): its next round
// waits, so a round costs what it does in the long run.
#include <algorithm>

#include "sim/timing/cost_model.hpp"
#include "sim/timing/pipeline.hpp"
#include "sim/timing/scoreboard.hpp"

namespace orrery::timing {

namespace {

bool is_branch(Operation operation) {
    return operation >= Operation::branch && operation <= Operation::branch_link_register;
}

// One block on its way through the pipeline.
class InOrderRun final {
  public:
    explicit InOrderRun(const CoreType& core) : core_(core) {
        for (const PipeGroup& group : core.pipeline.pipes) {
            free_.emplace_back(group.count, int64_t{0});
        }
    }

    void issue(const Instruction& instruction) {
        const OperationTiming& timing = core_.timing(instruction.operation);
        const int64_t wanted = operands_at(instruction);
        int64_t start = std::max(cycle_, wanted);
        const bool joins = second_slot_ && start == cycle_ && may_be_second(instruction, timing) &&
                           pipes_free(instruction, timing) <= cycle_;
        if (!joins && second_slot_) start = std::max(start, cycle_ + 1);
        if (timing.serializes) start = std::max(start, board_.all());
        start = std::max(start, pipes_free(instruction, timing));

        occupy(instruction, timing, start);
        produce(instruction, timing, start);
        advance(instruction, timing, start, joins);
    }

    [[nodiscard]] uint32_t parts() const {
        const auto whole = static_cast<uint32_t>(cycle_) * parts_per_cycle;
        return second_slot_ ? whole + parts_per_cycle / 2 : whole;
    }

  private:
    [[nodiscard]] bool takes_late(const Instruction& instruction) const {
        return core_.pipeline.skewed_integer && instruction.operation == Operation::integer;
    }

    // The first cycle in which an instruction could take its operands.
    [[nodiscard]] int64_t operands_at(const Instruction& instruction) const {
        const int64_t late = core_.pipeline.late_operand_cycles;
        int64_t slack = takes_late(instruction) ? 1 : 0;
        if (is_branch(instruction.operation)) slack = late;
        int64_t first = board_.operands(instruction.reads) - slack;
        first = std::max(first, board_.addresses(instruction.address));
        first = std::max(first, board_.operands(instruction.data) - late);
        first =
            std::max(first, board_.accumulators(instruction.accumulator, instruction.operation));
        if (instruction.reads_flags) {
            first = std::max(first, board_.flags() - (instruction.carries ? 0 : slack));
        }
        return first;
    }

    [[nodiscard]] bool may_be_first(const Instruction& instruction,
                                    const OperationTiming& timing) const {
        if (timing.slots == IssueSlots::first) return true;
        return timing.slots == IssueSlots::both && !instruction.always_taken;
    }
    [[nodiscard]] bool may_be_second(const Instruction& instruction,
                                     const OperationTiming& timing) const {
        if (timing.serializes || is_doubled(instruction, core_.pipeline)) return false;
        return timing.slots == IssueSlots::both || timing.slots == IssueSlots::second;
    }

    // How many units of a group an instruction takes for one of its pipes.
    [[nodiscard]] size_t units(const Instruction& instruction, size_t group) const {
        return is_doubled(instruction, core_.pipeline) ? std::min(free_[group].size(), size_t{2})
                                                       : 1;
    }

    [[nodiscard]] int64_t pipes_free(const Instruction& instruction,
                                     const OperationTiming& timing) const {
        int64_t first = 0;
        for (size_t i = 0; i < timing.pipes.size(); ++i) {
            const uint32_t group = timing.pipes[i];
            const auto until = timing.pipes.begin() + static_cast<ptrdiff_t>(i) + 1;
            const auto named = std::count(timing.pipes.begin(), until, group);
            const size_t wanted = static_cast<size_t>(named) * units(instruction, group);
            first = std::max(first, free_[group][std::min(wanted, free_[group].size()) - 1]);
        }
        return first;
    }

    void occupy(const Instruction& instruction, const OperationTiming& timing, int64_t start) {
        const int64_t until = start + int64_t{timing.busy} * beats(instruction, core_.pipeline);
        for (const uint32_t group : timing.pipes) {
            std::vector<int64_t>& free = free_[group];
            std::fill_n(free.begin(), units(instruction, group), until);
            std::sort(free.begin(), free.end());
        }
    }

    void produce(const Instruction& instruction, const OperationTiming& timing, int64_t start) {
        int64_t latency = timing.latency + beats(instruction, core_.pipeline) - 1;
        if (takes_late(instruction)) {
            // Executes in the later stage if an operand is not there in the earlier one.
            int64_t needed = board_.operands(instruction.reads);
            if (instruction.reads_flags) needed = std::max(needed, board_.flags());
            latency += std::clamp<int64_t>(needed - start, 0, 1);
        }
        board_.produce(instruction, timing, start, latency);
        const OperationTiming& update = core_.timing(Operation::address_update);
        board_.produce_base(instruction.base, start + std::max(update.latency, timing.busy));
    }

    void advance(const Instruction& instruction, const OperationTiming& timing, int64_t start,
                 bool joins) {
        cycle_ = start;
        second_slot_ = !joins && may_be_first(instruction, timing);
        if (!second_slot_) ++cycle_;
        if (timing.holds) hold_until(start + timing.busy);
        if (timing.serializes) hold_until(start + timing.latency);
        const bool redirects = instruction.always_taken && !timing.serializes;
        if (redirects) hold_until(start + 1 + core_.branches.taken_bubble_cycles);
    }

    void hold_until(int64_t cycle) {
        if (cycle <= cycle_) return;
        cycle_ = cycle;
        second_slot_ = false;
    }

    const CoreType& core_;
    Scoreboard board_;
    // For each unit of each group the cycle from which it is free, in ascending order.
    std::vector<std::vector<int64_t>> free_;
    int64_t cycle_ = 0;
    bool second_slot_ = false;  // the first slot of the cycle is taken, the second is not
};

class InOrder final : public Pipeline {
  public:
    explicit InOrder(const CoreType& core) : core_(core) {}

    void run(std::span<const Instruction> code, std::vector<uint32_t>& parts) override {
        InOrderRun block(core_);
        for (const Instruction& instruction : code) {
            block.issue(instruction);
            parts.push_back(block.parts());
        }
        if (is_loop(code)) parts.back() = std::max(parts.back(), round(block, code));
    }

  private:
    // What each round of a loop takes: later ones wait for the results of those before.
    static uint32_t round(InOrderRun& block, std::span<const Instruction> code) {
        uint32_t first = 0;
        for (uint32_t i = 0; i < loop_warm_up + loop_rounds; ++i) {
            if (i == loop_warm_up) first = block.parts();
            for (const Instruction& instruction : code) block.issue(instruction);
        }
        return (block.parts() - first) / loop_rounds;
    }

    const CoreType& core_;
};

}  // namespace

std::unique_ptr<Pipeline> make_in_order(const CoreType& core) {
    return std::make_unique<InOrder>(core);
}

}  // namespace orrery::timing
