// SPDX-License-Identifier: Apache-2.0
// Where a function's counters go.
#include "sim/compiler/counting.hpp"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/compiler/loops.hpp"
#include "sim/compiler/shared_code.hpp"

namespace orrery::compiler {
namespace {

using llvm::BasicBlock;
using llvm::CallBase;
using llvm::Function;
using llvm::Instruction;

std::string callee_of(const CallBase& call) {
    const auto* callee = llvm::dyn_cast<Function>(call.getCalledOperand()->stripPointerCasts());
    return callee != nullptr ? callee->getName().str() : std::string();
}

// What of the machine layer is not inline is hal_NAME in the image.
bool stands_for(const std::string& callee, const std::string& machine_callee) {
    constexpr std::string_view prefix = "hal_";
    if (callee == machine_callee) return true;
    return callee.starts_with("_ZN3hal7Machine") && machine_callee.starts_with(prefix) &&
           callee.find(machine_callee.substr(prefix.size())) != std::string::npos;
}

// Reports the pieces in the order of their execution: those behind a call once it has come back.
void walk_block(Instruction& probe, const Pieces& pieces, Counters& counters) {
    std::vector<CallBase*> calls;
    for (Instruction& instruction : *probe.getParent()) {
        auto* call = llvm::dyn_cast<CallBase>(&instruction);
        if (call == nullptr || llvm::isa<llvm::IntrinsicInst>(call) || call->isInlineAsm() ||
            counters.reports(call->getCalledFunction())) {
            continue;
        }
        calls.push_back(call);
    }
    Instruction* place = &probe;
    auto from = pieces.begin();
    auto next = calls.begin();
    for (auto piece = pieces.begin(); piece != pieces.end(); ++piece) {
        if (!piece->calls) continue;
        const auto call = std::find_if(next, calls.end(), [&](const CallBase* each) {
            return stands_for(callee_of(*each), piece->callee);
        });
        if (call == calls.end()) continue;
        counters.walk(place, {from, piece + 1});
        from = piece + 1;
        place = (*call)->getNextNode();
        next = call + 1;
    }
    counters.walk(place, {from, pieces.end()});
}

// Costs and walks of edges.
void count_edges(const Blocks& blocks, const std::set<BasicBlock*>& fixed, const Attribution& costs,
                 const FunctionWalks* walks, Counters& counters) {
    std::set<std::pair<uint32_t, uint32_t>> edges;
    for (const auto& [edge, cost] : costs.edges) edges.insert(edge);
    if (walks != nullptr) {
        for (const auto& [edge, pieces] : walks->edges) edges.insert(edge);
    }
    for (const auto& edge : edges) {
        BasicBlock* const from = blocks[edge.first];
        BasicBlock* const to = blocks[edge.second];
        if (from == to && fixed.contains(from)) continue;
        Instruction* const between =
            llvm::SplitBlockPredecessors(to, {from}, ".edge")->getTerminator();
        if (walks != nullptr && walks->edges.contains(edge))
            counters.walk(between, walks->edges.at(edge));
        if (costs.edges.contains(edge)) counters.add(between, costs.edges.at(edge));
    }
}

bool needs_flush(const CallBase& call, Counters& counters) {
    if (call.isInlineAsm()) return false;
    const Function* callee = call.getCalledFunction();
    if (callee == nullptr) return true;
    if (counters.walks(callee)) return true;
    return !callee->isIntrinsic() && !counters.reports(callee);
}

}  // namespace

void count_function(Function& function, const Attribution& costs, const FunctionWalks* walks,
                    Counters& counters) {
    Blocks blocks;
    for (BasicBlock& block : function) blocks.push_back(&block);
    Loops loops(function, blocks);
    const std::set<BasicBlock*> polling = loops.places_to_poll(costs);
    counters.open(function);
    // Where each access is reported, loops cannot be as the host likes best.
    const auto fixed =
        walks != nullptr ? std::set<BasicBlock*>{} : loops.count_fixed(costs, counters);
    for (size_t i = 0; i < blocks.size(); ++i) {
        if (fixed.contains(blocks[i])) continue;
        auto* const probe = const_cast<Instruction*>(probe_of(*blocks[i]));
        if (walks != nullptr) walk_block(*probe, walks->blocks[i], counters);
        counters.add(probe, costs.blocks[i]);
    }
    count_edges(blocks, fixed, costs, walks, counters);
    for (BasicBlock* block : blocks) {
        if (fixed.contains(block) || !polling.contains(block)) continue;
        counters.poll(const_cast<Instruction*>(probe_of(*block))->getNextNode());
    }
}

void flush_before_calls(Function& function, Counters& counters) {
    std::vector<Instruction*> places;
    for (BasicBlock& block : function) {
        for (Instruction& instruction : block) {
            const auto* call = llvm::dyn_cast<CallBase>(&instruction);
            const bool leaves = llvm::isa<llvm::ReturnInst>(instruction);
            if (leaves || (call != nullptr && needs_flush(*call, counters))) {
                places.push_back(&instruction);
            }
        }
    }
    for (Instruction* place : places) counters.flush(place);
}

void report_accesses(Function& function, Counters& counters) {
    std::vector<Instruction*> accesses;
    for (BasicBlock& block : function) {
        for (Instruction& instruction : block) {
            const bool inline_operation = llvm::isa<llvm::MemIntrinsic>(instruction);
            if (inline_operation || instruction.mayReadOrWriteMemory())
                accesses.push_back(&instruction);
        }
    }
    for (Instruction* access : accesses) counters.report(*access);
}

}  // namespace orrery::compiler
