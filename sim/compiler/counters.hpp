// SPDX-License-Identifier: Apache-2.0
// Counters: the instructions that let a function add up what it costs. See host_object.hpp for what
// they do, and counter_register.hpp for where they flush to.
#pragma once

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <map>
#include <span>
#include <string>

#include "sim/compiler/cost.hpp"
#include "sim/compiler/counter_register.hpp"
#include "sim/compiler/function_walks.hpp"

namespace orrery::compiler {

class Counters final {
  public:
    explicit Counters(llvm::Module& module);

    // The accumulator of a function that is to count; what follows is about that function.
    void open(llvm::Function& function);
    // False for a function that does not count.
    bool resume(const llvm::Function& function);
    // The accumulator becomes a register, or stays in memory.
    void close(llvm::Function& function, bool in_memory);

    void add(llvm::Instruction* before, const Cost& cost) { add(before, cost, nullptr); }
    // So many times the cost; `times` is a 32-bit integer, null for once.
    void add(llvm::Instruction* before, const Cost& cost, llvm::Value* times);
    void flush(llvm::Instruction* before);
    // Once the first lane has come to the limit, asks what to do. Splits the block.
    void poll(llvm::Instruction* before);
    // Reports a load, a store, an atomic operation, an inline copy or fill, or a look at the CPU's
    // own number before it happens.
    void report(llvm::Instruction& access);
    // Reports that these pieces of the function's machine code are executed.
    void walk(llvm::Instruction* before, std::span<const CodePiece> pieces);
    [[nodiscard]] bool reports(const llvm::Function* function);
    // The same for those that need to know the time to within a block.
    [[nodiscard]] bool walks(const llvm::Function* function);

  private:
    llvm::Constant* walk_table(std::span<const CodePiece> pieces, const llvm::Function& function);
    void report(llvm::Instruction& access, llvm::FunctionCallee call, llvm::Value* address,
                uint64_t size);

    llvm::Module& module_;
    CounterRegister register_;
    llvm::FixedVectorType* lanes_;
    llvm::FunctionCallee poll_, load_, store_, atomic_, look_up_cpu_, walk_;
    std::map<std::string, llvm::AllocaInst*> accumulators_;
    llvm::AllocaInst* accumulator_ = nullptr;
};

}  // namespace orrery::compiler
