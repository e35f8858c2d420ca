// SPDX-License-Identifier: Apache-2.0
// The instructions that let a function add up what it costs.
#include "sim/compiler/counters.hpp"

#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>

#include <array>
#include <vector>

namespace orrery::compiler {

constexpr auto cpu_index = "_ZN3hal7Machine9cpu_indexEv";  // inline in the image, with one load

using llvm::Function;
using llvm::Instruction;
using llvm::IRBuilder;
using llvm::Module;

Counters::Counters(Module& module) : module_(module), register_(module), lanes_(register_.lanes()) {
    auto& context = module.getContext();
    llvm::Type* const word = llvm::Type::getInt32Ty(context);
    auto* const nothing = llvm::Type::getVoidTy(context);
    poll_ = module.getOrInsertFunction("hal_host_poll", nothing);
    auto* const pointer = llvm::Type::getInt8PtrTy(context);
    load_ = module.getOrInsertFunction("hal_host_load", nothing, pointer, word);
    store_ = module.getOrInsertFunction("hal_host_store", nothing, pointer, word);
    atomic_ = module.getOrInsertFunction("hal_host_atomic", nothing, pointer, word);
    look_up_cpu_ = module.getOrInsertFunction("hal_host_look_up_cpu", nothing);
    walk_ = module.getOrInsertFunction("hal_host_walk", nothing, pointer);
}

// The accumulator of a function that is to count; what follows is about that function.
void Counters::open(Function& function) {
    IRBuilder<> builder(&function.getEntryBlock(), function.getEntryBlock().begin());
    accumulator_ = builder.CreateAlloca(lanes_);
    builder.CreateStore(llvm::Constant::getNullValue(lanes_), accumulator_);
    accumulators_[function.getName().str()] = accumulator_;
}
// False for a function that does not count.
bool Counters::resume(const Function& function) {
    const auto found = accumulators_.find(function.getName().str());
    if (function.isDeclaration() || found == accumulators_.end()) return false;
    accumulator_ = found->second;
    return true;
}

void Counters::add(Instruction* before, const Cost& cost, llvm::Value* times) {
    if (cost.zero()) return;
    std::array<uint32_t, lane_count> words{};
    for (size_t i = 0; i < lane_count; ++i) words[i] = static_cast<uint32_t>(cost.lanes[i]);
    IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(llvm::DebugLoc());
    llvm::Value* sum = llvm::ConstantDataVector::get(module_.getContext(), words);
    if (times != nullptr) {
        sum = builder.CreateMul(sum, builder.CreateVectorSplat(lane_count, times));
    }
    builder.CreateStore(builder.CreateAdd(builder.CreateLoad(lanes_, accumulator_), sum),
                        accumulator_);
}

void Counters::flush(Instruction* before) {
    IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(llvm::DebugLoc());
    register_.add(builder, builder.CreateLoad(lanes_, accumulator_));
    builder.CreateStore(llvm::Constant::getNullValue(lanes_), accumulator_);
}

// Once the first lane has come to the limit, asks what to do.
void Counters::poll(Instruction* before) {
    IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(llvm::DebugLoc());
    llvm::Value* const counted = register_.first_lane(builder);
    llvm::Value* const own =
        builder.CreateExtractElement(builder.CreateLoad(lanes_, accumulator_), uint64_t{0});
    llvm::Value* const passed =
        builder.CreateSub(builder.CreateAdd(counted, own), register_.poll_at(builder));
    llvm::Value* const due = builder.CreateICmpSGE(passed, builder.getInt32(0));
    llvm::MDNode* const unlikely =
        llvm::MDBuilder(module_.getContext()).createBranchWeights(1, 100'000);
    Instruction* then = llvm::SplitBlockAndInsertIfThen(due, before, false, unlikely);
    IRBuilder<>(then).CreateCall(poll_, {});
}

void Counters::report(Instruction& access, llvm::FunctionCallee call, llvm::Value* address,
                      uint64_t size) {
    // Local variables lie on the stack, in the first-level cache.
    if (llvm::isa<llvm::AllocaInst>(address->stripInBoundsOffsets()) || size == 0) return;
    IRBuilder<> builder(&access);
    builder.SetCurrentDebugLocation(llvm::DebugLoc());
    llvm::Value* const pointer = builder.CreatePointerCast(address, builder.getInt8PtrTy());
    builder.CreateCall(call, {pointer, builder.getInt32(static_cast<uint32_t>(size))});
}

void Counters::report(Instruction& access) {
    const auto size_of = [this](const llvm::Value* value) {
        return module_.getDataLayout().getTypeStoreSize(value->getType()).getFixedSize();
    };
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&access)) {
        report(access, load_, load->getPointerOperand(), size_of(load));
    } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&access)) {
        report(access, store_, store->getPointerOperand(), size_of(store->getValueOperand()));
    } else if (auto* update = llvm::dyn_cast<llvm::AtomicRMWInst>(&access)) {
        report(access, atomic_, update->getPointerOperand(), size_of(update->getValOperand()));
    } else if (auto* exchange = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&access)) {
        report(access, atomic_, exchange->getPointerOperand(),
               size_of(exchange->getCompareOperand()));
    } else if (auto* operation = llvm::dyn_cast<llvm::MemIntrinsic>(&access)) {
        const auto* length = llvm::dyn_cast<llvm::ConstantInt>(operation->getLength());
        if (length == nullptr) return;  // a call, by now
        auto* transfer = llvm::dyn_cast<llvm::MemTransferInst>(operation);
        if (transfer != nullptr)
            report(access, load_, transfer->getRawSource(), length->getZExtValue());
        report(access, store_, operation->getRawDest(), length->getZExtValue());
    } else if (auto* call = llvm::dyn_cast<llvm::CallInst>(&access)) {
        const Function* callee = call->getCalledFunction();
        if (callee != nullptr && callee->getName() == cpu_index)
            IRBuilder<>(&access).CreateCall(look_up_cpu_, {});
    }
}

// A constant that is a hal::host::CodeWalk.
llvm::Constant* Counters::walk_table(std::span<const CodePiece> pieces, const Function& function) {
    auto& context = module_.getContext();
    llvm::Type* const word = llvm::Type::getInt32Ty(context);
    auto* const place = llvm::cast<llvm::GlobalVariable>(module_.getOrInsertGlobal(
        "orrery_place." + function.getName().str(), llvm::Type::getInt64Ty(context)));
    place->setLinkage(llvm::GlobalValue::ExternalWeakLinkage);
    place->setConstant(true);
    std::vector<uint32_t> words;
    for (const CodePiece& piece : pieces)
        words.insert(words.end(), {piece.offset, piece.size, piece.last_word});
    const auto number = [&](size_t value) { return llvm::ConstantInt::get(word, value); };
    llvm::Constant* const table = llvm::ConstantStruct::getAnon(
        {place, number(pieces.size()), number(0), llvm::ConstantDataArray::get(context, words)});
    return new llvm::GlobalVariable(module_, table->getType(), true,
                                    llvm::GlobalValue::PrivateLinkage, table, "orrery_walk");
}

void Counters::walk(Instruction* before, std::span<const CodePiece> pieces) {
    if (pieces.empty()) return;
    IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(llvm::DebugLoc());
    llvm::Constant* const table = walk_table(pieces, *before->getFunction());
    builder.CreateCall(walk_, {builder.CreatePointerCast(table, builder.getInt8PtrTy())});
}

bool Counters::reports(const Function* function) {
    for (llvm::FunctionCallee each : {load_, store_, atomic_, look_up_cpu_, walk_}) {
        if (function == each.getCallee()) return true;
    }
    return false;
}

bool Counters::walks(const Function* function) {
    return function == walk_.getCallee();
}

// The accumulator becomes a register.
void Counters::close(Function& function) {
    llvm::DominatorTree dominators(function);
    llvm::PromoteMemToReg({accumulator_}, dominators);
}

}  // namespace orrery::compiler
