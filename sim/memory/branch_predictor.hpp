// SPDX-License-Identifier: Apache-2.0
// BranchPredictor: a tournament of a bimodal and a global predictor, a branch target buffer (BTB),
// a table for indirect branches and a return stack.
//
// Directions: S. McFarling, "Combining branch predictors", WRL technical note TN-36, 1993: two
// tables of two-bit counters, one indexed by the address, one by the address xor the history of
// directions (gshare), and a third that learns by address which of the two is right. Targets: a
// set-associative BTB with LRU; indirect branches by address xor a history of targets, as in
// P.-Y. Chang et al., "Target prediction for indirect jumps", ISCA 1997; returns from a stack that
// wraps around when it is full. What Arm's cores have instead is not published.
#pragma once

#include <cstdint>
#include <vector>

namespace orrery::memory {

enum class BranchKind : uint8_t { conditional, direct, call, indirect, indirect_call, return_ };

struct Branch {
    uint64_t address = 0;
    uint64_t target = 0;  // of the branch if it is taken
    BranchKind kind = BranchKind::direct;
    bool taken = true;
};

enum class Prediction : uint8_t {
    right,
    late,         // the direction was right, but the target is known only once it is decoded
    mispredicted  // found out only where the branch executes
};

struct BranchPredictorGeometry {
    uint32_t direction_entries = 0;  // of each of the three tables
    uint32_t history_bits = 0;
    uint32_t btb_entries = 0;
    uint32_t btb_ways = 0;
    uint32_t indirect_entries = 0;
    uint32_t return_entries = 0;
};

struct BranchCounts {
    uint64_t branches = 0;
    uint64_t late = 0;
    uint64_t mispredicted = 0;
};

class BranchPredictor final {
  public:
    // Throws std::runtime_error unless tables and BTB sets are powers of two.
    BranchPredictor(const char* name, const BranchPredictorGeometry& geometry);

    // What the predictor made of a branch that has now been executed; it learns from it.
    Prediction predict(const Branch& branch);
    // The same with a conditional branch.
    Prediction predict(uint64_t address, bool taken, uint64_t target) {
        return predict({address, target, BranchKind::conditional, taken});
    }
    // Forgets everything, as at reset.
    void clear();

    [[nodiscard]] const BranchCounts& counts() const { return counts_; }
    void reset_counts() { counts_ = {}; }

  private:
    struct Target {
        uint64_t address = ~uint64_t{0};
        uint64_t target = 0;
    };
    [[nodiscard]] Prediction judge(const Branch& branch);
    [[nodiscard]] bool direction_right(const Branch& branch);
    [[nodiscard]] bool target_known(const Branch& branch);
    [[nodiscard]] bool indirect_right(const Branch& branch);
    [[nodiscard]] bool return_right(const Branch& branch);
    void push_return(uint64_t address);

    BranchPredictorGeometry geometry_;
    std::vector<uint8_t> bimodal_;
    std::vector<uint8_t> global_;
    std::vector<uint8_t> chooser_;  // 2 and 3: the global predictor
    std::vector<Target> btb_;       // sets ordered by use
    uint64_t btb_set_mask_ = 0;
    std::vector<Target> indirect_;
    std::vector<uint64_t> returns_;
    uint32_t return_top_ = 0;
    uint64_t history_ = 0;
    uint64_t target_history_ = 0;
    BranchCounts counts_;
};

}  // namespace orrery::memory
