// SPDX-License-Identifier: Apache-2.0
// A piece of IR on the way that kernel sources take to the image.
#include "tests/sim/compiler/compiled.hpp"

#include <llvm/AsmParser/Parser.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/TargetSelect.h>

#include <array>
#include <fstream>
#include <stdexcept>

#include "tests/sim/trace/scratch_folder.hpp"

namespace orrery::compiler {

namespace {

constexpr auto target =
    "target datalayout = \"e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128\"\n"
    "target triple = \"aarch64-unknown-linux-gnu\"\n";

const std::array<std::string, 2> core_names{"cortex-a55", "cortex-a76"};

void start_back_end() {
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
}

}  // namespace

std::unique_ptr<llvm::Module> parse(const std::string& text, llvm::LLVMContext& context) {
    llvm::SMDiagnostic complaint;
    auto module = llvm::parseAssemblyString(target + text, complaint, context);
    if (module == nullptr) throw std::runtime_error(complaint.getMessage().str());
    return module;
}

void write_ir(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::trunc);
    file << target << text;
    file.close();
    if (!file) throw std::runtime_error(path.string() + " cannot be written");
}

Compiled::Compiled(const std::string& text, const std::string& layer) : cores_(core_names) {
    start_back_end();
    llvm::LLVMContext context;
    const auto module = parse(text, context);
    lower_block_operations(*module);
    graphs_ = place_probes(*module);
    if (!layer.empty()) {
        const trace::testing::ScratchFolder folder;
        write_ir(folder.file("layer.ll"), layer);
        inline_machine_layer(*module, folder.file("layer.ll"));
    }
    image_ = make_image_object(*module);
    code_ = std::make_unique<CodeBytes>(image_.bytes, "the object");
}

const IrGraph& Compiled::graph(const std::string& function) const {
    return graphs_.at(function);
}

MachineGraph Compiled::machine(const std::string& function) {
    return machine_graph(function, image_.functions.at(function), *code_, cores_);
}

Attribution Compiled::costs(const std::string& function) {
    return attribute(graph(function), machine(function));
}

std::vector<uint32_t> Compiled::words(const std::string& function) const {
    return code_->words(function, function, "");
}

int64_t Compiled::instructions(const std::string& function) const {
    return static_cast<int64_t>(words(function).size());
}

int64_t instructions(const Cost& cost) {
    return cost.lanes[instruction_lane] / timing::parts_per_cycle;
}

}  // namespace orrery::compiler
