// SPDX-License-Identifier: Apache-2.0
// Compiled: a piece of IR on the way that kernel sources take to the image, for tests.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "sim/compiler/image_object.hpp"
#include "sim/compiler/segment_costs.hpp"
#include "sim/compiler/shared_code.hpp"

namespace orrery::compiler {

// IR in its text form, for AArch64; the target is filled in.
[[nodiscard]] std::unique_ptr<llvm::Module> parse(const std::string& text,
                                                  llvm::LLVMContext& context);
// Writes it to a file, with the target.
void write_ir(const std::filesystem::path& path, const std::string& text);

class Compiled final {
  public:
    // `layer` is IR of the machine layer; none if empty.
    explicit Compiled(const std::string& text, const std::string& layer = {});

    [[nodiscard]] const IrGraph& graph(const std::string& function) const;
    [[nodiscard]] MachineGraph machine(const std::string& function);
    [[nodiscard]] Attribution costs(const std::string& function);
    [[nodiscard]] std::vector<uint32_t> words(const std::string& function) const;
    [[nodiscard]] int64_t instructions(const std::string& function) const;
    [[nodiscard]] const ImageObject& image() const { return image_; }
    [[nodiscard]] const CodeBytes& code() const { return *code_; }
    [[nodiscard]] CoreSet& cores() { return cores_; }

  private:
    std::map<std::string, IrGraph> graphs_;
    ImageObject image_;
    std::unique_ptr<CodeBytes> code_;
    CoreSet cores_;
};

// Of a cost: whole instructions.
[[nodiscard]] int64_t instructions(const Cost& cost);

}  // namespace orrery::compiler
