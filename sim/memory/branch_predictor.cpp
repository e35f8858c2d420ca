// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/branch_predictor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace orrery::memory {
namespace {

constexpr uint32_t instruction_shift = 2;
constexpr uint8_t weakly_not_taken = 1;

void count(uint8_t& counter, bool up) {
    if (up && counter < 3) ++counter;
    if (!up && counter > 0) --counter;
}

void expect_power(const char* name, const char* what, uint32_t entries) {
    if (std::has_single_bit(entries)) return;
    throw std::runtime_error(fmt::format("{}: {} is {}, give a power of two", name, what, entries));
}

}  // namespace

BranchPredictor::BranchPredictor(const char* name, const BranchPredictorGeometry& geometry)
    : geometry_(geometry) {
    expect_power(name, "direction_entries", geometry.direction_entries);
    if (geometry.btb_ways == 0 || geometry.btb_entries % geometry.btb_ways != 0) {
        throw std::runtime_error(
            fmt::format("{}: {} entries of the BTB in {} ways, give a multiple", name,
                        geometry.btb_entries, geometry.btb_ways));
    }
    expect_power(name, "btb_entries / btb_ways", geometry.btb_entries / geometry.btb_ways);
    expect_power(name, "indirect_entries", geometry.indirect_entries);
    btb_set_mask_ = geometry.btb_entries / geometry.btb_ways - 1;
    clear();
}

void BranchPredictor::clear() {
    bimodal_.assign(geometry_.direction_entries, weakly_not_taken);
    global_.assign(geometry_.direction_entries, weakly_not_taken);
    chooser_.assign(geometry_.direction_entries, weakly_not_taken);
    btb_.assign(geometry_.btb_entries, {});
    indirect_.assign(geometry_.indirect_entries, {});
    returns_.assign(geometry_.return_entries, 0);
    return_top_ = 0;
    history_ = 0;
    target_history_ = 0;
}

Prediction BranchPredictor::predict(const Branch& branch) {
    ++counts_.branches;
    const Prediction prediction = judge(branch);
    if (prediction == Prediction::late) ++counts_.late;
    if (prediction == Prediction::mispredicted) ++counts_.mispredicted;
    return prediction;
}

Prediction BranchPredictor::judge(const Branch& branch) {
    const uint64_t next = branch.address + (1u << instruction_shift);
    switch (branch.kind) {
        case BranchKind::conditional:
            if (!direction_right(branch)) return Prediction::mispredicted;
            if (!branch.taken) return Prediction::right;
            return target_known(branch) ? Prediction::right : Prediction::late;
        case BranchKind::call: push_return(next); [[fallthrough]];
        case BranchKind::direct: return target_known(branch) ? Prediction::right : Prediction::late;
        case BranchKind::indirect_call: push_return(next); [[fallthrough]];
        case BranchKind::indirect:
            return indirect_right(branch) ? Prediction::right : Prediction::mispredicted;
        case BranchKind::return_: break;
    }
    return return_right(branch) ? Prediction::right : Prediction::mispredicted;
}

bool BranchPredictor::direction_right(const Branch& branch) {
    const uint64_t place = branch.address >> instruction_shift;
    const uint64_t mask = geometry_.direction_entries - 1;
    uint8_t& simple = bimodal_[place & mask];
    uint8_t& global = global_[(place ^ history_) & mask];
    uint8_t& choice = chooser_[place & mask];

    const bool simple_taken = simple >= 2;
    const bool global_taken = global >= 2;
    const bool predicted = choice >= 2 ? global_taken : simple_taken;
    if (simple_taken != global_taken) count(choice, global_taken == branch.taken);
    count(simple, branch.taken);
    count(global, branch.taken);
    const uint64_t history_mask = (uint64_t{1} << geometry_.history_bits) - 1;
    history_ = (history_ << 1 | (branch.taken ? 1 : 0)) & history_mask;
    return predicted == branch.taken;
}

bool BranchPredictor::target_known(const Branch& branch) {
    const uint64_t set = branch.address >> instruction_shift & btb_set_mask_;
    Target* first = &btb_[set * geometry_.btb_ways];
    if (first->address == branch.address) [[likely]] {
        const bool right = first->target == branch.target;
        first->target = branch.target;
        return right;
    }
    Target* last = first + geometry_.btb_ways;
    Target* found = std::find_if(
        first, last, [&](const Target& entry) { return entry.address == branch.address; });
    const bool known = found != last && found->target == branch.target;
    if (found == last) --found;
    std::rotate(first, found, found + 1);
    *first = {branch.address, branch.target};
    return known;
}

bool BranchPredictor::indirect_right(const Branch& branch) {
    const uint64_t place = branch.address >> instruction_shift;
    Target& entry = indirect_[(place ^ target_history_) & (geometry_.indirect_entries - 1)];
    const bool right = entry.address == branch.address && entry.target == branch.target;
    entry = {branch.address, branch.target};
    target_history_ = (target_history_ << 2) ^ (branch.target >> instruction_shift);
    return right;
}

void BranchPredictor::push_return(uint64_t address) {
    return_top_ = return_top_ + 1 == geometry_.return_entries ? 0 : return_top_ + 1;
    returns_[return_top_] = address;
}

bool BranchPredictor::return_right(const Branch& branch) {
    const bool right = returns_[return_top_] == branch.target;
    return_top_ = (return_top_ == 0 ? geometry_.return_entries : return_top_) - 1;
    return right;
}

}  // namespace orrery::memory
