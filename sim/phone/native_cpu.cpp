// SPDX-License-Identifier: Apache-2.0
// A CPU whose kernel code runs natively.
#include "sim/phone/native_cpu.hpp"

#include <cstring>

#include "hal/host/port.hpp"
#include "sim/engine/system_engine.hpp"
#include "sim/engine/system_registers.hpp"

namespace orrery::phone {
namespace {

using devices::TimerControl;
using devices::TimerRegister;

// The engine's registers and the kernel's frame have the same order.
static_assert(offsetof(engine::UserRegisters, sp) == offsetof(hal::UserFrame, sp));
static_assert(offsetof(engine::UserRegisters, tpidr) == offsetof(hal::UserFrame, tpidr));
constexpr size_t shared_size = sizeof(engine::UserRegisters);

// How long a waiting loop goes on before others may run, in parts of a cycle.
constexpr uint64_t pause = engine::default_pause;

}  // namespace

NativeCpu::NativeCpu(sc_core::sc_module_name name, const Parts& parts,
                     std::span<const engine::MemoryBank> memory,
                     std::unique_ptr<KernelTiming> timing)
    : Cpu(name, parts),
      kernel_timing_(std::move(timing)),
      memory_(parts.memory != nullptr ? std::make_unique<CoreMemory>(*this, *parts.memory)
                                      : nullptr),
      engine_(engine::UserEngine::create(
          {.cpu = parts.index, .meter = parts.meter, .memory = memory_.get()}, memory, *this,
          *this)),
      banks_(memory) {
    engine_->on_breakpoint([this](uint64_t address) { on_breakpoint(address); });
}

bool NativeCpu::start(std::function<hal::UserFrame*()> enter) {
    if (enter_) return false;
    enter_ = std::move(enter);
    power_on();
    return true;
}

void NativeCpu::live() {
    wait_for_power();
    run_threads(enter_());
}

void NativeCpu::run_above(hal::UserFrame& frame) {
    take(KernelPath::RunAbove);
    run_threads(&frame);
    take(KernelPath::LeaveAbove);
}

void NativeCpu::run_threads(hal::UserFrame* frame) {
    take(KernelPath::TrapExit, frame);
    for (;;) {
        if (on_kernel_exit) on_kernel_exit();
        const hal::Trap trap = run_user(*frame);
        take(KernelPath::TrapEntry, frame);
        keep_in_step();
        const hal::Resume resume = kernel::entry::trap(trap);
        frame = resume.frame;
        if (frame == nullptr) return;
        take(resume.same != 0 ? KernelPath::TrapReturn : KernelPath::TrapExit, frame);
    }
}

hal::Trap NativeCpu::run_user(hal::UserFrame& frame) {
    using engine::StopReason;
    engine::UserRegisters& registers = registers_;
    std::memcpy(&registers, &frame, shared_size);
    at_user_level_ = true;
    hal::Trap trap{hal::TrapKind::Interrupt, 0, 0};
    for (bool running = true; running;) {
        keep_in_step();
        if (irq()) break;
        const engine::Stop stop = engine_->run(registers, budget());
        spend_run(stop.parts);
        charge_run(0);
        switch (stop.reason) {
            case StopReason::Budget:
            case StopReason::Requested: break;
            case StopReason::WaitForInterrupt: wait_for_interrupt(); break;
            default:
                trap = {hal::TrapKind::Synchronous, static_cast<uint32_t>(stop.esr), stop.far};
                running = false;
        }
    }
    at_user_level_ = false;
    if (trap.kind == hal::TrapKind::Interrupt) engine_->clear_exclusive();
    std::memcpy(static_cast<void*>(&frame), &registers, shared_size);
    return trap;
}

std::optional<uint64_t> NativeCpu::translate(uint64_t address) const {
    const uint64_t physical = address - hal::host::direct_base;
    for (const engine::MemoryBank& bank : banks_)
        if (physical - bank.physical_base < bank.size) return physical;
    return engine_->translate(address);
}

engine::VectorRegisters NativeCpu::vectors() const {
    engine::VectorRegisters vectors;
    engine_->store_vectors(vectors);
    return vectors;
}

uint64_t NativeCpu::address_space() const {
    return engine_->address_space() & engine::bits::address_mask;
}

// Between two runs of the engine they are read again; in the kernel they have become the thread's.
bool NativeCpu::set_registers(const engine::UserRegisters& registers) {
    if (engine_->running()) {
        if (!engine_->at_breakpoint()) return false;
        engine_->set_registers(registers);
        return true;
    }
    if (at_user_level_) registers_ = registers;
    return at_user_level_;
}

// EL0 code has come so far in its run: what is new of that becomes time.
void NativeCpu::spend_run(uint64_t parts) {
    spend(parts - charged_);
    charge_run(parts);
}

void NativeCpu::charge_run(uint64_t parts) {
    charged_ = parts;
    if (memory_) memory_->settle(parts);
}

// A device sees EL0 code at the time it has come to. Others have run meanwhile, an interrupt may
// be there and the deadline is nearer, so the quantum ends behind the access.
bool NativeCpu::read(uint64_t physical, unsigned size, uint64_t& value) {
    spend_run(engine_->parts_of_run());
    const bool answered = read_device(physical, size, value);
    engine_->request_stop();
    return answered;
}

bool NativeCpu::write(uint64_t physical, unsigned size, uint64_t value) {
    spend_run(engine_->parts_of_run());
    const bool answered = write_device(physical, size, value);
    engine_->request_stop();
    return answered;
}

uint64_t NativeCpu::taken() {
    engine::Work work = kernel_timing_->taken();
    if (kernel_memory_) work.parts += kernel_memory_->taken();
    kernel_work_.instructions += work.instructions;
    kernel_work_.parts += work.parts;
    return work.parts;
}

void NativeCpu::take(KernelPath path, const void* object) {
    const engine::Work work = kernel_timing_->path(path);
    kernel_work_.instructions += work.instructions;
    kernel_work_.parts += work.parts;
    spend(work.parts);
    if (kernel_memory_) kernel_memory_->path(path, object);
}

// Lets others run once the loop has waited for a while, as the instruction-set CPU does.
void NativeCpu::relax() {
    spend(taken());
    const uint64_t wait = kernel_timing_->relax();
    kernel_work_.parts += wait;
    spend(wait);
    if (is_ahead_by(pause)) keep_in_step();
}

uint64_t NativeCpu::count() {
    spend(taken());
    return timer.count(now());
}

// What raises the line may be due before the code has come to look.
bool NativeCpu::irq_now() {
    keep_in_step();
    return irq();
}

uint32_t NativeCpu::read32(uint64_t address) {
    uint64_t value = 0;
    if (!read_device(address, sizeof(uint32_t), value)) {
        // External abort on a load, as the hardware would report it (ESR_EL1: class 0x25).
        kernel::entry::fault_in_kernel({hal::TrapKind::Synchronous, 0x9600'0010, address}, 0);
    }
    return static_cast<uint32_t>(value);
}

void NativeCpu::write32(uint64_t address, uint32_t value) {
    if (!write_device(address, sizeof value, value)) {
        kernel::entry::fault_in_kernel({hal::TrapKind::Synchronous, 0x9600'0050, address}, 0);
    }
}

void NativeCpu::set_deadline(uint64_t ticks) {
    synchronise();
    timer.write(TimerRegister::CNTV_CVAL, ticks, now());
    timer.write(TimerRegister::CNTV_CTL, TimerControl::ENABLE, now());
}

void NativeCpu::clear_deadline() {
    synchronise();
    timer.write(TimerRegister::CNTV_CTL, 0, now());
}

// EL0 reads the counter in the middle of a quantum, whose time is only spent at its end.
uint64_t NativeCpu::physical_count() {
    return timer.count(after(engine_->parts_of_run() - charged_));
}

}  // namespace orrery::phone
