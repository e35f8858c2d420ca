// SPDX-License-Identifier: Apache-2.0
// The code that both objects are made of: probes, block operations and the machine layer.
#include "sim/compiler/shared_code.hpp"

#include <gtest/gtest.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>

#include "tests/sim/compiler/compiled.hpp"
#include "tests/sim/trace/scratch_folder.hpp"

namespace orrery::compiler {
namespace {

template <typename Kind>
size_t count(llvm::Function& function) {
    size_t found = 0;
    for (const llvm::Instruction& instruction : llvm::instructions(function)) {
        if (llvm::isa<Kind>(instruction)) ++found;
    }
    return found;
}

TEST(SharedCode, EveryBlockHasOneProbeWithItsNumber) {
    llvm::LLVMContext context;
    const auto module = parse(R"(
        define void @f(i1 %a) {
        entry: br i1 %a, label %yes, label %no
        yes: ret void
        no: unreachable
        })",
                              context);
    const auto graphs = place_probes(*module);
    const IrGraph& graph = graphs.at("f");
    EXPECT_EQ(graph.successors, (std::vector<std::vector<uint32_t>>{{1, 2}, {}, {}}));
    EXPECT_EQ(graph.unreachable, (std::vector<bool>{false, false, true}));
    llvm::Function& function = *module->getFunction("f");
    EXPECT_EQ(count<llvm::PseudoProbeInst>(function), 3u);
    uint64_t number = 0;
    for (const llvm::BasicBlock& block : function) {
        const auto* probe = llvm::cast<llvm::PseudoProbeInst>(probe_of(block));
        EXPECT_EQ(probe->getIndex()->getZExtValue(), ++number);
    }
}

// Both back-ends must agree on what is a call.
TEST(SharedCode, LongCopiesAndFillsBecomeCalls) {
    llvm::LLVMContext context;
    const auto module = parse(R"(
        declare void @llvm.memcpy.p0i8.p0i8.i64(i8*, i8*, i64, i1)
        declare void @llvm.memset.p0i8.i64(i8*, i8, i64, i1)
        define void @f(i8* %to, i8* %from, i64 %size) {
          call void @llvm.memcpy.p0i8.p0i8.i64(i8* %to, i8* %from, i64 128, i1 false)
          call void @llvm.memcpy.p0i8.p0i8.i64(i8* %to, i8* %from, i64 129, i1 false)
          call void @llvm.memset.p0i8.i64(i8* %to, i8 0, i64 %size, i1 false)
          ret void
        })",
                              context);
    lower_block_operations(*module);
    EXPECT_EQ(count<llvm::MemIntrinsic>(*module->getFunction("f")), 1u);
    for (const char* name : {"memcpy", "memset"}) {
        const llvm::Function* callee = module->getFunction(name);
        ASSERT_NE(callee, nullptr) << name;
        EXPECT_EQ(callee->getNumUses(), 1u) << name;
    }
}

TEST(SharedCode, TheMachineLayerGoesWhereItIsCalled) {
    llvm::LLVMContext context;
    const auto module = parse(R"(
        declare i64 @short(i64)
        declare i64 @elsewhere(i64)
        define i64 @f(i64 %a) {
          %b = call i64 @short(i64 %a)
          %c = call i64 @elsewhere(i64 %b)
          ret i64 %c
        })",
                              context);
    const trace::testing::ScratchFolder folder;
    write_ir(folder.file("layer.ll"), R"(
        define i64 @short(i64 %a) noinline { %b = add i64 %a, 1 ret i64 %b }
        define i64 @not_called(i64 %a) { ret i64 %a }
        )");
    inline_machine_layer(*module, folder.file("layer.ll"));
    EXPECT_EQ(module->getFunction("short"), nullptr);
    EXPECT_EQ(module->getFunction("not_called"), nullptr);
    EXPECT_EQ(count<llvm::CallInst>(*module->getFunction("f")), 1u);
}

}  // namespace
}  // namespace orrery::compiler
