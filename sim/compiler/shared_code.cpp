// SPDX-License-Identifier: Apache-2.0
// The code that both back-ends get.
#include "sim/compiler/shared_code.hpp"

#include <fmt/format.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/MD5.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Transforms/IPO.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>

#include <set>
#include <stdexcept>

namespace orrery::compiler {
namespace {

constexpr uint64_t longest_inline_operation = 128;  // bytes

using llvm::BasicBlock;
using llvm::Function;
using llvm::IRBuilder;
using llvm::Module;
using llvm::Type;

llvm::CallInst* call_instead(llvm::MemIntrinsic& operation) {
    Module& module = *operation.getModule();
    IRBuilder<> builder(&operation);
    Type* const pointer = builder.getInt8PtrTy();
    Type* const size = builder.getInt64Ty();
    llvm::Value* const to = builder.CreatePointerCast(operation.getRawDest(), pointer);
    llvm::Value* const length = builder.CreateZExtOrTrunc(operation.getLength(), size);
    if (auto* transfer = llvm::dyn_cast<llvm::MemTransferInst>(&operation)) {
        const char* name = llvm::isa<llvm::MemMoveInst>(transfer) ? "memmove" : "memcpy";
        const auto callee = module.getOrInsertFunction(name, pointer, pointer, pointer, size);
        llvm::Value* const from = builder.CreatePointerCast(transfer->getRawSource(), pointer);
        return builder.CreateCall(callee, {to, from, length});
    }
    Type* const value = builder.getInt32Ty();
    const auto callee = module.getOrInsertFunction("memset", pointer, pointer, value, size);
    auto& fill = llvm::cast<llvm::MemSetInst>(operation);
    return builder.CreateCall(callee, {to, builder.CreateZExt(fill.getValue(), value), length});
}

IrGraph graph_of(Function& function) {
    std::map<const BasicBlock*, uint32_t> numbers;
    for (const BasicBlock& block : function) {
        numbers.emplace(&block, static_cast<uint32_t>(numbers.size()));
    }
    IrGraph graph;
    for (BasicBlock& block : function) {
        std::vector<uint32_t> next;
        for (const BasicBlock* successor : llvm::successors(&block)) {
            next.push_back(numbers.at(successor));
        }
        graph.successors.push_back(std::move(next));
        graph.unreachable.push_back(llvm::isa<llvm::UnreachableInst>(block.getTerminator()));
    }
    return graph;
}

}  // namespace

std::unique_ptr<Module> read_bitcode(const std::string& path, llvm::LLVMContext& context) {
    llvm::SMDiagnostic complaint;
    std::unique_ptr<Module> module = llvm::parseIRFile(path, complaint, context);
    if (module == nullptr) {
        throw std::runtime_error(
            fmt::format("{} cannot be read: {}", path, complaint.getMessage().str()));
    }
    return module;
}

bool stays_inline(const llvm::MemIntrinsic& operation) {
    const auto* length = llvm::dyn_cast<llvm::ConstantInt>(operation.getLength());
    return length != nullptr && length->getZExtValue() <= longest_inline_operation;
}

void lower_block_operations(Module& module) {
    std::vector<llvm::MemIntrinsic*> operations;
    for (Function& function : module) {
        for (BasicBlock& block : function) {
            for (llvm::Instruction& instruction : block) {
                auto* operation = llvm::dyn_cast<llvm::MemIntrinsic>(&instruction);
                if (operation != nullptr && !stays_inline(*operation)) {
                    operations.push_back(operation);
                }
            }
        }
    }
    for (llvm::MemIntrinsic* operation : operations) {
        llvm::CallInst* call = call_instead(*operation);
        call->addFnAttr(llvm::Attribute::NoBuiltin);
        call->setDebugLoc(operation->getDebugLoc());
        operation->eraseFromParent();
    }
}

std::map<std::string, IrGraph> place_probes(Module& module) {
    std::map<std::string, IrGraph> graphs;
    llvm::MDBuilder metadata(module.getContext());
    for (Function& function : module) {
        if (function.isDeclaration()) continue;
        graphs.emplace(function.getName().str(), graph_of(function));
        const uint64_t guid = llvm::MD5Hash(function.getName());
        Function* const probe =
            llvm::Intrinsic::getDeclaration(&module, llvm::Intrinsic::pseudoprobe);
        uint32_t number = 0;
        for (BasicBlock& block : function) {
            IRBuilder<> builder(&block, block.getFirstInsertionPt());
            builder.SetCurrentDebugLocation(llvm::DebugLoc());
            // Probe numbers begin at 1; full distribution factor.
            builder.CreateCall(probe, {builder.getInt64(guid), builder.getInt64(++number),
                                       builder.getInt32(0), builder.getInt64(~0ull)});
        }
    }
    return graphs;
}

const llvm::Instruction* probe_of(const BasicBlock& block) {
    for (const llvm::Instruction& instruction : block) {
        if (llvm::isa<llvm::PseudoProbeInst>(instruction)) return &instruction;
    }
    return nullptr;
}

void inline_machine_layer(Module& module, const std::string& path,
                          const std::function<void(Function&)>& prepare) {
    std::set<std::string> own;
    for (const Function& function : module) {
        if (!function.isDeclaration()) own.insert(function.getName().str());
    }
    std::unique_ptr<Module> layer = read_bitcode(path, module.getContext());
    layer->setTargetTriple(module.getTargetTriple());
    layer->setDataLayout(module.getDataLayout());
    if (llvm::Linker::linkModules(module, std::move(layer), llvm::Linker::LinkOnlyNeeded)) {
        throw std::runtime_error(fmt::format("{} does not fit the code it is to go into", path));
    }
    for (Function& function : module) {
        if (function.isDeclaration() || own.contains(function.getName().str())) continue;
        function.setLinkage(llvm::GlobalValue::InternalLinkage);
        function.setComdat(nullptr);
        function.removeFnAttr(llvm::Attribute::NoInline);
        function.removeFnAttr(llvm::Attribute::OptimizeNone);
        function.addFnAttr(llvm::Attribute::AlwaysInline);
        prepare(function);
    }
    llvm::legacy::PassManager passes;
    passes.add(llvm::createAlwaysInlinerLegacyPass(false));
    passes.add(llvm::createGlobalDCEPass());
    passes.run(module);
}

}  // namespace orrery::compiler
