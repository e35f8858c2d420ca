// SPDX-License-Identifier: Apache-2.0
// The object file of a module.
#pragma once

#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Target/TargetOptions.h>

#include <memory>
#include <string>

#include <llvm/Target/TargetMachine.h>

namespace orrery::compiler {

struct Back {
    std::string triple;
    std::string processor;
    llvm::Reloc::Model relocation;
    bool keeps_labels = false;  // local ones, in the symbol table
};

// Functions and data in sections of their own. Throws std::runtime_error with one sentence.
[[nodiscard]] std::unique_ptr<llvm::TargetMachine> make_target(const Back& back);

// The ELF object. `last` sees the machine code of each function as it is written; the object writer
// owns it. Throws std::runtime_error with one sentence.
[[nodiscard]] std::string write_object(llvm::Module& module, llvm::TargetMachine& target,
                                       llvm::MachineFunctionPass* last);

}  // namespace orrery::compiler
