// SPDX-License-Identifier: Apache-2.0
// The host object of a module.
#include "sim/compiler/host_object.hpp"

#include <fmt/format.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include <array>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

#include "sim/compiler/shared_code.hpp"

namespace orrery::compiler {
namespace {

using llvm::BasicBlock;
using llvm::CallBase;
using llvm::Function;
using llvm::Instruction;
using llvm::IRBuilder;
using llvm::Module;

constexpr auto host_triple = "x86_64-pc-linux-gnu";

// The host's libraries have functions of these names as well, and the kernel's must be counted.
constexpr std::array own_names{"memcpy",
                               "memmove",
                               "memset",
                               "memcmp",
                               "memchr",
                               "strlen",
                               "__cxa_pure_virtual",
                               "_ZSt24__throw_out_of_range_fmtPKcz"};

// What several objects may define is merged by the linker; the simulator's copy of an inline
// function does not count, so the kernel must keep its own.
void keep_own_copies(Module& module) {
    for (Function& function : module) {
        if (function.isDeclaration() || !function.isWeakForLinker()) continue;
        function.setComdat(nullptr);
        function.setLinkage(llvm::GlobalValue::InternalLinkage);
    }
}

void retarget(Module& module, const llvm::TargetMachine& machine) {
    module.setTargetTriple(host_triple);
    module.setDataLayout(machine.createDataLayout());
    for (Function& function : module) {
        for (const char* attribute : {"target-cpu", "target-features", "tune-cpu"}) {
            function.removeFnAttr(attribute);
        }
        function.removeFnAttr(llvm::Attribute::NoImplicitFloat);
        // Debuggers and the simulator's own exceptions walk through these frames.
        if (!function.isDeclaration()) function.addFnAttr(llvm::Attribute::UWTable);
    }
    for (const char* name : own_names) {
        if (Function* function = module.getFunction(name)) {
            function->setName(fmt::format("kernel_{}", name));
        }
    }
}

// The counters of one module.
class Counters final {
  public:
    explicit Counters(Module& module)
        : module_(module),
          lanes_(
              llvm::FixedVectorType::get(llvm::Type::getInt32Ty(module.getContext()), lane_count)) {
        auto& context = module.getContext();
        llvm::Type* const word = llvm::Type::getInt32Ty(context);
        clock_type_ = llvm::StructType::get(context, {lanes_, word});
        auto* const nothing = llvm::Type::getVoidTy(context);
        poll_ = module.getOrInsertFunction("hal_host_poll", nothing);
        auto* const pointer = llvm::Type::getInt8PtrTy(context);
        load_ = module.getOrInsertFunction("hal_host_load", nothing, pointer);
        store_ = module.getOrInsertFunction("hal_host_store", nothing, pointer);
    }

    // The accumulator of a function that is to count; what follows is about that function.
    void open(Function& function) {
        IRBuilder<> builder(&function.getEntryBlock(), function.getEntryBlock().begin());
        accumulator_ = builder.CreateAlloca(lanes_);
        builder.CreateStore(llvm::Constant::getNullValue(lanes_), accumulator_);
        accumulators_[function.getName().str()] = accumulator_;
    }
    // False for a function that does not count.
    bool resume(const Function& function) {
        const auto found = accumulators_.find(function.getName().str());
        if (function.isDeclaration() || found == accumulators_.end()) return false;
        accumulator_ = found->second;
        return true;
    }

    void add(Instruction* before, const Cost& cost) {
        if (cost.zero()) return;
        std::array<uint32_t, lane_count> words{};
        for (size_t i = 0; i < lane_count; ++i) words[i] = static_cast<uint32_t>(cost.lanes[i]);
        IRBuilder<> builder(before);
        builder.SetCurrentDebugLocation(llvm::DebugLoc());
        auto* constant = llvm::ConstantDataVector::get(module_.getContext(), words);
        builder.CreateStore(builder.CreateAdd(builder.CreateLoad(lanes_, accumulator_), constant),
                            accumulator_);
    }

    void flush(Instruction* before) {
        IRBuilder<> builder(before);
        builder.SetCurrentDebugLocation(llvm::DebugLoc());
        llvm::Value* const place = builder.CreateStructGEP(clock_type_, clock(), 0);
        llvm::Value* const sum = builder.CreateAdd(builder.CreateLoad(lanes_, place),
                                                   builder.CreateLoad(lanes_, accumulator_));
        builder.CreateStore(sum, place);
        builder.CreateStore(llvm::Constant::getNullValue(lanes_), accumulator_);
    }

    // At the head of a loop: once the first lane has come to the limit, asks what to do.
    void poll(Instruction* before) {
        IRBuilder<> builder(before);
        builder.SetCurrentDebugLocation(llvm::DebugLoc());
        llvm::Type* const word = builder.getInt32Ty();
        llvm::Value* const counted = builder.CreateLoad(
            word, builder.CreatePointerCast(builder.CreateStructGEP(clock_type_, clock(), 0),
                                            word->getPointerTo()));
        llvm::Value* const own =
            builder.CreateExtractElement(builder.CreateLoad(lanes_, accumulator_), uint64_t{0});
        llvm::Value* const limit =
            builder.CreateLoad(word, builder.CreateStructGEP(clock_type_, clock(), 1));
        llvm::Value* const passed = builder.CreateSub(builder.CreateAdd(counted, own), limit);
        llvm::Value* const due = builder.CreateICmpSGE(passed, builder.getInt32(0));
        llvm::MDNode* const unlikely =
            llvm::MDBuilder(module_.getContext()).createBranchWeights(1, 100'000);
        Instruction* then = llvm::SplitBlockAndInsertIfThen(due, before, false, unlikely);
        IRBuilder<>(then).CreateCall(poll_, {});
    }

    void report(Instruction& access) {
        const bool is_load = llvm::isa<llvm::LoadInst>(access);
        IRBuilder<> builder(&access);
        builder.SetCurrentDebugLocation(llvm::DebugLoc());
        llvm::Value* const address = builder.CreatePointerCast(
            llvm::getLoadStorePointerOperand(&access), builder.getInt8PtrTy());
        builder.CreateCall(is_load ? load_ : store_, {address});
    }

    [[nodiscard]] bool reports(const Function* function) {
        return function == load_.getCallee() || function == store_.getCallee();
    }

    // The accumulator becomes a register.
    void close(Function& function) {
        llvm::DominatorTree dominators(function);
        llvm::PromoteMemToReg({accumulator_}, dominators);
    }

  private:
    // Asked for each time: while nobody uses it, it may be removed.
    llvm::GlobalVariable* clock() {
        auto* const variable = llvm::cast<llvm::GlobalVariable>(
            module_.getOrInsertGlobal("hal_host_clock", clock_type_));
        variable->setDSOLocal(true);
        variable->setAlignment(llvm::Align(16));
        return variable;
    }

    Module& module_;
    llvm::FixedVectorType* lanes_;
    llvm::StructType* clock_type_ = nullptr;
    llvm::FunctionCallee poll_, load_, store_;
    std::map<std::string, llvm::AllocaInst*> accumulators_;
    llvm::AllocaInst* accumulator_ = nullptr;
};

std::vector<BasicBlock*> loop_heads(Function& function) {
    const llvm::DominatorTree dominators(function);
    std::vector<BasicBlock*> heads;
    for (BasicBlock& block : function) {
        for (const BasicBlock* from : llvm::predecessors(&block)) {
            if (!dominators.dominates(&block, from)) continue;
            heads.push_back(&block);
            break;
        }
    }
    return heads;
}

// Blocks, edges and loops, while the blocks still are those that were numbered.
void count_blocks(Function& function, const Attribution& costs, Counters& counters) {
    std::vector<BasicBlock*> blocks;
    for (BasicBlock& block : function) blocks.push_back(&block);
    const std::vector<BasicBlock*> heads = loop_heads(function);
    counters.open(function);
    for (size_t i = 0; i < blocks.size(); ++i) {
        counters.add(const_cast<Instruction*>(probe_of(*blocks[i])), costs.blocks[i]);
    }
    for (const auto& [edge, cost] : costs.edges) {
        BasicBlock* const between =
            llvm::SplitBlockPredecessors(blocks[edge.second], {blocks[edge.first]}, ".edge");
        counters.add(between->getTerminator(), cost);
    }
    for (BasicBlock* head : heads) {
        counters.poll(const_cast<Instruction*>(probe_of(*head))->getNextNode());
    }
}

bool needs_flush(const CallBase& call, Counters& counters) {
    const Function* callee = call.getCalledFunction();
    if (callee == nullptr) return true;
    return !callee->isIntrinsic() && !counters.reports(callee);
}

// Calls and returns, once the machine layer has been inlined.
void flush_everywhere(Function& function, Counters& counters) {
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
            const llvm::Value* address = llvm::getLoadStorePointerOperand(&instruction);
            if (address == nullptr) continue;
            // Local variables lie on the stack, in the first-level cache.
            if (llvm::isa<llvm::AllocaInst>(address->stripInBoundsOffsets())) continue;
            accesses.push_back(&instruction);
        }
    }
    for (Instruction* access : accesses) counters.report(*access);
}

void remove_probes(Module& module) {
    std::vector<Instruction*> probes;
    for (Function& function : module) {
        for (BasicBlock& block : function) {
            for (Instruction& instruction : block) {
                if (llvm::isa<llvm::PseudoProbeInst>(instruction)) probes.push_back(&instruction);
            }
        }
    }
    for (Instruction* probe : probes) probe->eraseFromParent();
}

}  // namespace

std::string make_host_object(Module& module, const std::map<std::string, Attribution>& costs,
                             const HostOptions& options) {
    std::string complaint;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(host_triple, complaint);
    if (target == nullptr) throw std::runtime_error(complaint);
    llvm::TargetOptions target_options;
    target_options.FunctionSections = true;
    target_options.DataSections = true;
    const std::unique_ptr<llvm::TargetMachine> machine(
        target->createTargetMachine(host_triple, "x86-64", "", target_options, llvm::Reloc::PIC_,
                                    llvm::CodeModel::Small, llvm::CodeGenOpt::Default));

    Counters counters(module);
    for (Function& function : module) {
        const auto found = costs.find(function.getName().str());
        if (function.isDeclaration() || found == costs.end()) continue;
        if (options.memory_accesses) report_accesses(function, counters);
        count_blocks(function, found->second, counters);
    }
    // Functions that nobody calls go here.
    inline_machine_layer(module, options.machine_layer);
    for (Function& function : module) {
        if (!counters.resume(function)) continue;
        flush_everywhere(function, counters);
        counters.close(function);
    }
    remove_probes(module);
    retarget(module, *machine);
    keep_own_copies(module);

    std::string broken;
    llvm::raw_string_ostream complaints(broken);
    if (llvm::verifyModule(module, &complaints)) {
        throw std::runtime_error(fmt::format("the counters broke the code: {}", broken));
    }
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if (machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CGFT_ObjectFile)) {
        throw std::runtime_error("the back-end writes no objects");
    }
    passes.run(module);
    return {bytes.begin(), bytes.end()};
}

}  // namespace orrery::compiler
