// SPDX-License-Identifier: Apache-2.0
// The register that holds what kernel code has counted.
#include "sim/compiler/counter_register.hpp"

#include <fmt/format.h>
#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/IntrinsicInst.h>

#include <stdexcept>
#include <vector>

#include "sim/compiler/cost.hpp"
#include "sim/compiler/shared_code.hpp"

namespace orrery::compiler {
namespace {

using llvm::CallBase;
using llvm::Function;
using llvm::Instruction;
using llvm::IRBuilder;

constexpr auto register_name = "XMM15";
constexpr auto addition = "paddd $0, %xmm15";
constexpr auto mark = "orrery.leaves";  // metadata of a call

// What the machine calls in the kernel: namespace kernel::entry (hal/include/hal/contract.hpp).
bool is_entry(const Function& function) {
    return function.getName().startswith("_ZN6kernel5entry");
}

bool leaves(const CallBase& call) {
    if (call.isInlineAsm() || llvm::isa<llvm::IntrinsicInst>(call)) return false;
    if (call.getMetadata(mark) != nullptr) return true;
    const Function* callee = call.getCalledFunction();
    if (callee == nullptr) return false;
    return is_entry(*callee) || callee->getName().startswith("hal_host_");
}

llvm::Value* assembly(IRBuilder<>& builder, const char* code, const char* constraints,
                      llvm::Type* result, llvm::Value* operand = nullptr) {
    std::vector<llvm::Type*> types;
    std::vector<llvm::Value*> operands;
    if (operand != nullptr) {
        types.push_back(operand->getType());
        operands.push_back(operand);
    }
    auto* const type = llvm::FunctionType::get(result, types, false);
    // With side effects: neither moved across another one nor across a call, nor left out.
    auto* const text = llvm::InlineAsm::get(type, code, constraints, true);
    return builder.CreateCall(type, text, operands);
}

template <class Wanted>
std::vector<Wanted*> all(Function& function) {
    std::vector<Wanted*> found;
    for (llvm::BasicBlock& block : function) {
        for (Instruction& instruction : block) {
            if (auto* wanted = llvm::dyn_cast<Wanted>(&instruction)) found.push_back(wanted);
        }
    }
    return found;
}

class RegisterGuard final : public llvm::MachineFunctionPass {
  public:
    RegisterGuard() : MachineFunctionPass(id_) {}

    bool runOnMachineFunction(llvm::MachineFunction& function) override {
        const auto* registers = function.getSubtarget().getRegisterInfo();
        // The counters' own uses are the text of inline assembly, which names no operand.
        for (unsigned i = 1; i < registers->getNumRegs(); ++i) {
            if (registers->getName(i) != std::string_view(register_name)) continue;
            if (function.getRegInfo().reg_nodbg_empty(i)) continue;
            throw std::runtime_error(
                fmt::format("{}: the host's code needs the counter's register {}",
                            function.getName().str(), register_name));
        }
        return false;
    }

  private:
    static char id_;
};

char RegisterGuard::id_ = 0;

}  // namespace

CounterRegister::CounterRegister(llvm::Module& module)
    : module_(module),
      lanes_(llvm::FixedVectorType::get(llvm::Type::getInt32Ty(module.getContext()), lane_count)),
      clock_type_(llvm::StructType::get(module.getContext(),
                                        {lanes_, llvm::Type::getInt32Ty(module.getContext())})) {}

void CounterRegister::add(IRBuilder<>& builder, llvm::Value* lanes) {
    assembly(builder, addition, "x", builder.getVoidTy(), lanes);
}

llvm::Value* CounterRegister::first_lane(IRBuilder<>& builder) {
    return assembly(builder, "movd %xmm15, $0", "=r", builder.getInt32Ty());
}

llvm::Value* CounterRegister::poll_at(IRBuilder<>& builder) {
    return builder.CreateLoad(builder.getInt32Ty(),
                              builder.CreateStructGEP(clock_type_, clock(), 1));
}

void CounterRegister::store(Instruction* before) {
    IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(llvm::DebugLoc());
    builder.CreateStore(assembly(builder, "movdqa %xmm15, $0", "=x", lanes_),
                        builder.CreateStructGEP(clock_type_, clock(), 0));
}

void CounterRegister::load(Instruction* before) {
    IRBuilder<> builder(before);
    builder.SetCurrentDebugLocation(llvm::DebugLoc());
    llvm::Value* const lanes =
        builder.CreateLoad(lanes_, builder.CreateStructGEP(clock_type_, clock(), 0));
    assembly(builder, "movdqa $0, %xmm15", "x", builder.getVoidTy(), lanes);
}

void CounterRegister::surround(CallBase& call) {
    store(&call);
    load(call.getNextNode());
}

void CounterRegister::mark_calls(Function& function) {
    auto* const nothing = llvm::MDNode::get(function.getContext(), {});
    for (CallBase* call : all<CallBase>(function)) call->setMetadata(mark, nothing);
}

void CounterRegister::cross_borders() {
    for (Function& function : module_) {
        if (function.isDeclaration()) continue;
        for (CallBase* call : all<CallBase>(function)) {
            if (leaves(*call)) surround(*call);
        }
        if (!is_entry(function)) continue;
        for (auto* end : all<llvm::ReturnInst>(function)) store(end);
        load(&*function.getEntryBlock().getFirstInsertionPt());
    }
}

void CounterRegister::cross_block_operations() {
    for (Function& function : module_) {
        for (auto* operation : all<llvm::MemIntrinsic>(function)) {
            if (!stays_inline(*operation)) surround(*operation);
        }
    }
}

void CounterRegister::forget_nothing() {
    for (Function& function : module_) {
        for (CallBase* call : all<CallBase>(function)) {
            const auto* text = llvm::dyn_cast<llvm::InlineAsm>(call->getCalledOperand());
            if (text == nullptr || text->getAsmString() != addition) continue;
            const auto* lanes = llvm::dyn_cast<llvm::Constant>(call->getArgOperand(0));
            if (lanes != nullptr && lanes->isNullValue()) call->eraseFromParent();
        }
    }
}

// Asked for each time: while nobody uses it, it may be removed.
llvm::GlobalVariable* CounterRegister::clock() {
    auto* const variable =
        llvm::cast<llvm::GlobalVariable>(module_.getOrInsertGlobal("hal_host_clock", clock_type_));
    variable->setDSOLocal(true);
    variable->setAlignment(llvm::Align(16));
    return variable;
}

llvm::MachineFunctionPass* make_register_guard() {
    return new RegisterGuard;
}

}  // namespace orrery::compiler
