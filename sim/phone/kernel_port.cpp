// SPDX-License-Identifier: Apache-2.0
// The simulator's answer to the kernel's HAL.
#include "sim/phone/kernel_port.hpp"

namespace orrery::phone {
namespace {

constexpr unsigned asid_shift = 48;

}  // namespace

KernelPort::KernelPort(const Arena& arena, uint64_t storage) : arena_(arena) {
    void* const place = reinterpret_cast<void*>(hal::host::direct_base + storage);
    hal::host::present = {.port = this, .kernel_storage = place, .cpu = 0};
}

bool KernelPort::start_cpu(unsigned cpu, uint64_t) {
    current().take(KernelPath::StartCpu);
    if (cpu >= cpus_.size()) return false;
    return cpus_[cpu]->start([cpu] { return kernel::entry::secondary(cpu); });
}

void KernelPort::vector_save(hal::VectorState& out) {
    current().take(KernelPath::VectorSave, &out);
    engine::VectorRegisters vectors;
    current().user_engine().store_vectors(vectors);
    for (size_t i = 0; i < vectors.v.size(); ++i) {
        out.v[2 * i] = vectors.v[i].low;
        out.v[2 * i + 1] = vectors.v[i].high;
    }
    out.fpcr = vectors.fpcr;
    out.fpsr = vectors.fpsr;
}

void KernelPort::vector_restore(const hal::VectorState& in) {
    current().take(KernelPath::VectorRestore, &in);
    engine::VectorRegisters vectors;
    for (size_t i = 0; i < vectors.v.size(); ++i) {
        vectors.v[i] = {in.v[2 * i], in.v[2 * i + 1]};
    }
    vectors.fpcr = static_cast<uint32_t>(in.fpcr);
    vectors.fpsr = static_cast<uint32_t>(in.fpsr);
    current().user_engine().load_vectors(vectors);
}

// The engine keeps the last user space, and with it its TLB, until another one comes: it runs no
// code in between, and invalidations go by the ASID that it still has.
void KernelPort::set_user_space(hal::PhysicalAddress root, uint32_t asid) {
    current().user_engine().set_address_space(root | static_cast<uint64_t>(asid) << asid_shift);
}

void KernelPort::invalidate_page(hal::VirtualAddress va, uint32_t asid) {
    for (NativeCpu* cpu : cpus_) {
        if (cpu->memory() != nullptr) cpu->memory()->forget_page(va, static_cast<uint16_t>(asid));
        engine::UserEngine& engine = cpu->user_engine();
        if (engine.address_space() >> asid_shift == asid) engine.invalidate_tlb_page(va);
    }
}

void KernelPort::invalidate_space(uint32_t asid) {
    for (NativeCpu* cpu : cpus_) {
        if (cpu->memory() != nullptr) cpu->memory()->forget_asid(static_cast<uint16_t>(asid));
        cpu->user_engine().invalidate_tlb_asid(static_cast<uint16_t>(asid));
    }
}

void KernelPort::synchronise_code(hal::PhysicalAddress code, size_t size) {
    constexpr uint64_t line = 64;  // CTR_EL0.DminLine of all core types here
    const uint64_t lines = (code + size + line - 1) / line - code / line;
    current().take(KernelPath::SynchroniseCode);
    for (uint64_t i = 0; i < lines; ++i) current().take(KernelPath::SynchroniseLine);
    for (NativeCpu* each : cpus_) {
        if (each->memory() != nullptr) each->memory()->forget_all_code();
    }
    engine::UserEngine::invalidate_code_everywhere(arena_.bytes(code, size).data(), size);
}

uint32_t KernelPort::read32(hal::PhysicalAddress address) {
    return current().read32(address);
}

void KernelPort::write32(hal::PhysicalAddress address, uint32_t value) {
    current().write32(address, value);
}

void KernelPort::interrupt_in_kernel() {
    current().take(KernelPath::KernelInterrupt);
    kernel::entry::interrupt_in_kernel();
    current().returned_from_interrupt();
}

bool KernelPort::map_memory(hal::PhysicalAddress begin, size_t size) {
    if (!arena_.contains(begin, size)) return false;
    on_map_memory(begin, size);
    return true;
}

void KernelPort::emergency_write(const char* text, size_t size) {
    if (on_emergency_text) on_emergency_text({text, size});
}

void KernelPort::end() {
    if (on_end) on_end();
    current().stop_forever();
}

}  // namespace orrery::phone
