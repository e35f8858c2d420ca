// SPDX-License-Identifier: Apache-2.0
// The code that both back-ends get: optimised IR for AArch64 in which every block has a name that
// survives code generation.
#pragma once

#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/compiler/attribution.hpp"

namespace orrery::compiler {

// Reads bitcode. Throws std::runtime_error with one sentence.
[[nodiscard]] std::unique_ptr<llvm::Module> read_bitcode(const std::string& path,
                                                         llvm::LLVMContext& context);

// Copies and fills of more than 128 bytes, or of unknown size, become calls. The back-ends have
// different ideas of when a loop or a call is better, and both must execute the same code.
void lower_block_operations(llvm::Module& module);

// Numbers the blocks of every function and marks each with a pseudo probe: an intrinsic that is no
// code, but is carried along to the machine code. Returns the graphs by function name.
std::map<std::string, IrGraph> place_probes(llvm::Module& module);

// The block number of a probe's block; nothing without a probe.
[[nodiscard]] const llvm::Instruction* probe_of(const llvm::BasicBlock& block);

// Whether a back-end makes a copy or fill of instructions, not of a call.
[[nodiscard]] bool stays_inline(const llvm::MemIntrinsic& operation);

// The functions of the machine layer that are short enough to lie inline, from a bitcode file, are
// put where they are called, after `prepare` has seen each. What is not called goes.
void inline_machine_layer(
    llvm::Module& module, const std::string& path,
    const std::function<void(llvm::Function&)>& prepare = [](llvm::Function&) {});

}  // namespace orrery::compiler
