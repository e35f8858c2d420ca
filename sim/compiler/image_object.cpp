// SPDX-License-Identifier: Apache-2.0
// The AArch64 object of a module.
#include "sim/compiler/image_object.hpp"

#include <fmt/format.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/MC/MCContext.h>

#include "sim/compiler/object_writer.hpp"

namespace orrery::compiler {
namespace {

using llvm::MachineBasicBlock;
using llvm::MachineFunction;
using llvm::MachineInstr;
using Segment = MachineFunctionRecord::Segment;

// The last pass before the code is written: cuts it into segments at block borders, at probes and
// behind branches, and labels each.
class Recorder final : public llvm::MachineFunctionPass {
  public:
    explicit Recorder(std::map<std::string, MachineFunctionRecord>& records)
        : MachineFunctionPass(id_), records_(records) {}

    bool runOnMachineFunction(MachineFunction& function) override {
        record_ = &records_[function.getName().str()];
        first_.clear();
        branches_.clear();
        for (MachineBasicBlock& block : function) cut(block);
        for (const Branch& branch : branches_) {
            record_->segments[branch.segment].next.push_back(first_.at(branch.target));
        }
        return true;
    }

  private:
    struct Branch {
        uint32_t segment;
        const MachineBasicBlock* target;
    };

    uint32_t open_segment() {
        record_->segments.emplace_back();
        return static_cast<uint32_t>(record_->segments.size() - 1);
    }

    void label(MachineInstr& instruction, uint32_t segment) {
        MachineFunction& function = *instruction.getMF();
        const std::string name =
            fmt::format(".Lorrery.{}.{}", function.getFunctionNumber(), segment);
        instruction.setPreInstrSymbol(function, function.getContext().getOrCreateSymbol(name));
        record_->segments[segment].label = name;
    }

    static std::string callee_of(const MachineInstr& call) {
        for (const llvm::MachineOperand& operand : call.operands()) {
            if (operand.isGlobal()) return operand.getGlobal()->getName().str();
            if (operand.isSymbol()) return operand.getSymbolName();
        }
        return {};
    }

    // A probe that has been recorded becomes an instruction of no bytes that only bears its label.
    static void retire(MachineInstr& probe) {
        while (probe.getNumOperands() != 0) probe.RemoveOperand(probe.getNumOperands() - 1);
        const auto* instructions = probe.getMF()->getSubtarget().getInstrInfo();
        probe.setDesc(instructions->get(llvm::TargetOpcode::KILL));
    }

    // The segment ended with a branch, or runs on into the next.
    void end_with(uint32_t segment, const MachineInstr& instruction) {
        Segment& ended = record_->segments[segment];
        ended.barrier = instruction.isBarrier();
        if (instruction.isReturn()) ended.leaves = true;
        if (instruction.isIndirectBranch() && !instruction.isReturn()) {
            for (const MachineBasicBlock* target : instruction.getParent()->successors()) {
                branches_.push_back({segment, target});
            }
        }
        for (const llvm::MachineOperand& operand : instruction.operands()) {
            if (operand.isMBB()) branches_.push_back({segment, operand.getMBB()});
        }
    }

    void cut(MachineBasicBlock& block) {
        uint32_t segment = open_segment();
        first_[&block] = segment;
        bool fresh = true;  // nothing labelled in this segment yet
        bool ended = false;
        for (MachineInstr& instruction : block) {
            const bool probe = instruction.isPseudoProbe();
            if (instruction.isDebugInstr()) continue;
            if (ended || (probe && !(fresh && record_->segments[segment].probe == no_probe))) {
                const uint32_t next = open_segment();
                record_->segments[segment].next.push_back(next);
                record_->segments[segment].falls_through = !ended;
                segment = next;
                fresh = true;
                ended = false;
            }
            if (probe) {
                record_->segments[segment].probe =
                    static_cast<int32_t>(instruction.getOperand(1).getImm()) - 1;
            }
            if (fresh) label(instruction, segment);
            fresh = false;
            if (probe) retire(instruction);
            if (instruction.isCall()) {
                record_->segments[segment].callees.push_back(callee_of(instruction));
            }
            if (instruction.isBranch() || instruction.isReturn()) {
                end_with(segment, instruction);
                ended = true;
            }
        }
        Segment& last = record_->segments[segment];
        if (last.barrier) return;
        const MachineBasicBlock* following = block.getNextNode();
        if (following != nullptr && block.isSuccessor(following)) {
            last.falls_through = !ended;
            branches_.push_back({segment, following});
        } else {
            last.leaves = true;  // the end of a function that does not return
        }
    }

    static char id_;
    std::map<std::string, MachineFunctionRecord>& records_;
    MachineFunctionRecord* record_ = nullptr;
    std::map<const MachineBasicBlock*, uint32_t> first_;
    std::vector<Branch> branches_;
};

char Recorder::id_ = 0;

}  // namespace

ImageObject make_image_object(llvm::Module& module) {
    ImageObject object;
    const auto target = make_target({.triple = module.getTargetTriple(),
                                     .processor = "generic",
                                     .relocation = llvm::Reloc::Static,
                                     .keeps_labels = true});
    object.bytes = write_object(module, *target, new Recorder(object.functions));
    return object;
}

}  // namespace orrery::compiler
