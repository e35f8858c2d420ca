// SPDX-License-Identifier: Apache-2.0
// The counter's register. While kernel code runs on the host, hal::host::Clock's lanes lie in
// xmm15, which no code but the counters uses: a function adds to it with one instruction. Whatever
// is not kernel code finds and leaves them in memory, so they are stored before each way out of
// kernel code and loaded behind it. The System V ABI has no vector register that calls preserve, so
// only the whole of the kernel can keep to this.
#pragma once

#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <string>

namespace orrery::compiler {

class CounterRegister final {
  public:
    explicit CounterRegister(llvm::Module& module);

    [[nodiscard]] llvm::FixedVectorType* lanes() const { return lanes_; }

    void add(llvm::IRBuilder<>& builder, llvm::Value* lanes);
    [[nodiscard]] llvm::Value* first_lane(llvm::IRBuilder<>& builder);
    // Where the first lane has to come to for a loop to ask.
    [[nodiscard]] llvm::Value* poll_at(llvm::IRBuilder<>& builder);

    // Ways out of kernel code: calls of the machine layer and what counters call; the entries of
    // the kernel, whoever calls them. Precondition: counters have been flushed before calls.
    void cross_borders();
    // The same for the copies and fills that the optimiser has found, which the C library does.
    void cross_block_operations();

    // What the optimiser has found to be nothing is not added.
    void forget_nothing();

    // To be called of each function of the machine layer before it is put inline.
    static void mark_calls(llvm::Function& function);

  private:
    void store(llvm::Instruction* before);
    void load(llvm::Instruction* before);
    void surround(llvm::CallBase& call);
    llvm::GlobalVariable* clock();

    llvm::Module& module_;
    llvm::FixedVectorType* lanes_;
    llvm::StructType* clock_type_;
};

// A pass over finished machine code that throws std::runtime_error where the register is used for
// anything else.
[[nodiscard]] llvm::MachineFunctionPass* make_register_guard();

}  // namespace orrery::compiler
