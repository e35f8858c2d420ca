// SPDX-License-Identifier: Apache-2.0
// The back-ends' work.
#include "sim/compiler/object_writer.hpp"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>

#include <stdexcept>

namespace orrery::compiler {

std::unique_ptr<llvm::TargetMachine> make_target(const Back& back) {
    std::string complaint;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(back.triple, complaint);
    if (target == nullptr) throw std::runtime_error(complaint);
    llvm::TargetOptions options;
    options.FunctionSections = true;
    options.DataSections = true;
    options.MCOptions.MCSaveTempLabels = back.keeps_labels;
    return std::unique_ptr<llvm::TargetMachine>(
        target->createTargetMachine(back.triple, back.processor, "", options, back.relocation,
                                    llvm::CodeModel::Small, llvm::CodeGenOpt::Default));
}

// As TargetMachine::addPassesToEmitFile() puts it together, with one pass more.
std::string write_object(llvm::Module& module, llvm::TargetMachine& machine,
                         llvm::MachineFunctionPass* last) {
    auto& target = static_cast<llvm::LLVMTargetMachine&>(machine);
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    passes.add(llvm::createTargetTransformInfoWrapperPass(target.getTargetIRAnalysis()));
    passes.add(new llvm::TargetLibraryInfoWrapperPass(llvm::Triple(module.getTargetTriple())));
    auto* information = new llvm::MachineModuleInfoWrapperPass(&target);
    llvm::TargetPassConfig* config = target.createPassConfig(passes);
    passes.add(config);
    passes.add(information);
    if (config->addISelPasses()) throw std::runtime_error("the back-end has no such target");
    config->addMachinePasses();
    config->setInitialized();
    passes.add(last);
    if (target.addAsmPrinter(passes, stream, nullptr, llvm::CGFT_ObjectFile,
                             information->getMMI().getContext())) {
        throw std::runtime_error("the back-end writes no objects");
    }
    passes.add(llvm::createFreeMachineFunctionPass());
    passes.run(module);
    return {bytes.begin(), bytes.end()};
}

}  // namespace orrery::compiler
