// SPDX-License-Identifier: Apache-2.0
// The host object of a module.
#include "sim/compiler/host_object.hpp"

#include <fmt/format.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <array>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

#include "sim/compiler/counter_register.hpp"
#include "sim/compiler/counting.hpp"
#include "sim/compiler/object_writer.hpp"
#include "sim/compiler/shared_code.hpp"

namespace orrery::compiler {
namespace {

using llvm::BasicBlock;
using llvm::Function;
using llvm::Instruction;
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
        // The C library may do what a loop says: what it costs has been counted.
        function.removeFnAttr("no-builtins");
        // Debuggers and the simulator's own exceptions walk through these frames.
        if (!function.isDeclaration()) function.addFnAttr(llvm::Attribute::UWTable);
    }
    for (const char* name : own_names) {
        if (Function* function = module.getFunction(name)) {
            function->setName(fmt::format("kernel_{}", name));
        }
    }
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

void verify(const Module& module) {
    std::string broken;
    llvm::raw_string_ostream complaints(broken);
    if (llvm::verifyModule(module, &complaints)) {
        throw std::runtime_error(fmt::format("the counters broke the code: {}", broken));
    }
}

// Every function writes to the clock now, which the optimiser must know.
void admit_side_effects(Module& module) {
    constexpr std::array promises{llvm::Attribute::ReadNone,
                                  llvm::Attribute::ReadOnly,
                                  llvm::Attribute::WriteOnly,
                                  llvm::Attribute::ArgMemOnly,
                                  llvm::Attribute::InaccessibleMemOnly,
                                  llvm::Attribute::InaccessibleMemOrArgMemOnly,
                                  llvm::Attribute::NoSync,
                                  llvm::Attribute::Speculatable};
    for (Function& function : module) {
        if (function.isIntrinsic()) continue;
        for (const auto promise : promises) function.removeFnAttr(promise);
        for (BasicBlock& block : function) {
            for (Instruction& instruction : block) {
                auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
                if (call == nullptr || llvm::isa<llvm::IntrinsicInst>(call)) continue;
                for (const auto promise : promises) call->removeFnAttr(promise);
            }
        }
    }
}

// What the counters have brought, and what the host can do better than the phone: it has vectors.
void optimise(Module& module, llvm::TargetMachine& machine) {
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    // The counter's register must stay free, and there are few loops that would gain.
    llvm::PipelineTuningOptions tuning;
    tuning.LoopVectorization = false;
    tuning.SLPVectorization = false;
    llvm::PassBuilder builder(&machine, tuning);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

}  // namespace

std::string make_host_object(Module& module, const std::map<std::string, Attribution>& costs,
                             const HostOptions& options) {
    const auto machine = make_target(
        {.triple = host_triple, .processor = "x86-64", .relocation = llvm::Reloc::PIC_});
    Counters counters(module);
    for (Function& function : module) {
        const auto found = costs.find(function.getName().str());
        if (function.isDeclaration() || found == costs.end()) continue;
        const bool reports = options.walks != nullptr;
        if (reports) report_accesses(function, counters);
        count_function(function, found->second,
                       reports ? &options.walks->at(found->first) : nullptr, counters);
    }
    // Functions that nobody calls go here.
    inline_machine_layer(module, options.machine_layer, CounterRegister::mark_calls);
    for (Function& function : module) {
        if (!counters.resume(function)) continue;
        flush_before_calls(function, counters);
        counters.close(function);
    }
    CounterRegister counter(module);
    counter.cross_borders();
    remove_probes(module);
    retarget(module, *machine);
    keep_own_copies(module);
    admit_side_effects(module);
    verify(module);
    optimise(module, *machine);
    counter.forget_nothing();
    counter.cross_block_operations();
    return write_object(module, *machine, make_register_guard());
}

}  // namespace orrery::compiler
