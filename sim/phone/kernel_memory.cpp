// SPDX-License-Identifier: Apache-2.0
// What native kernel code on one CPU is charged for memory.
#include "sim/phone/kernel_memory.hpp"

#include <algorithm>
#include <cstddef>

#include "hal/contract.hpp"
#include "hal/host/port.hpp"

namespace orrery::phone {
namespace {

using engine::AccessKind;
using hal::aarch64::image_base;

// What a function saves of its caller's registers, and how deep the stack is then: modelled,
// natively it is not in the phone's memory.
constexpr uint32_t frame_size = 64;
constexpr uint32_t stack_depth = 1024;
// Of an interrupted kernel function's registers (hal/aarch64/vectors.S).
constexpr uint32_t interrupted_frame = 192;

}  // namespace

KernelMemory::KernelMemory(unsigned cpu, CoreMemory& core, const Place& place)
    : core_(core),
      place_(place),
      local_(image_base + image_layout.cpu_locals + cpu * sizeof(hal::aarch64::CpuLocal)),
      stack_top_(image_base + image_layout.stacks +
                 (cpu + 1) * sizeof(hal::aarch64::GuardedStack)) {}

// The kernel's translations never change once they are there.
const engine::PageTranslation* KernelMemory::translation_of(uint64_t address) {
    return translations_.find(address, [this](uint64_t page, engine::PageTranslation& translation) {
        return place_.tables->walk(page, translation);
    });
}

void KernelMemory::execute(uint64_t function, std::span<const hal::host::CodePiece> pieces) {
    for (const hal::host::CodePiece& piece : pieces) {
        const uint64_t begin = function + piece.offset;
        const uint64_t last = begin + piece.size - 1;
        const bool crosses = begin / hal::page_size != last / hal::page_size;
        const engine::CodeBlock block{.address = begin,
                                      .size = piece.size,
                                      .last_word = piece.last_word,
                                      .asid = 0,
                                      .page = translation_of(begin),
                                      .next_page = crosses ? translation_of(last) : nullptr};
        if (block.page != nullptr) stalls_ += core_.execute(block, stalls_);
        if (piece.offset == 0)
            access_virtual(stack_top_ - stack_depth, frame_size, AccessKind::Store);
    }
}

bool KernelMemory::in_memory(uint64_t physical) const {
    return std::ranges::any_of(place_.memory, [physical](const engine::MemoryBank& bank) {
        return physical - bank.physical_base < bank.size;
    });
}

void KernelMemory::access(const void* address, uint32_t size, AccessKind kind) {
    const uint64_t physical = reinterpret_cast<uint64_t>(address) - hal::host::direct_base;
    const bool own = physical - place_.image < image_layout.image_end;
    if (!own && !in_memory(physical)) return;
    const uint64_t base = own ? image_base - place_.image : hal::aarch64::direct_base;
    access_virtual(base + physical, size, kind);
}

void KernelMemory::access_virtual(uint64_t address, uint32_t size, AccessKind kind) {
    const uint64_t end = address + size;
    while (address < end) {
        const uint64_t border = std::min(end, (address | (hal::page_size - 1)) + 1);
        const engine::PageTranslation* page = translation_of(address);
        if (page == nullptr) return;
        stalls_ += core_.access({.address = address,
                                 .size = static_cast<uint32_t>(border - address),
                                 .asid = 0,
                                 .kind = kind,
                                 .page = page},
                                stalls_);
        address = border;
    }
}

void KernelMemory::load_index() {
    access_virtual(local_ + offsetof(hal::aarch64::CpuLocal, index), sizeof(uint32_t),
                   AccessKind::Load);
}

void KernelMemory::execute_path(KernelPath path, uint32_t first, uint32_t count) {
    execute(image_base, {path_costs[static_cast<size_t>(path)].pieces + first, count});
}

// The last piece of the path ends with the exception return, behind which nothing is foreseen.
void KernelMemory::return_from_interrupt() {
    constexpr KernelPath path = KernelPath::KernelInterrupt;
    execute_path(path, path_costs[static_cast<size_t>(path)].piece_count - 1, 1);
    access_virtual(stack_top_ - interrupted_frame, interrupted_frame, AccessKind::Load);
}

void KernelMemory::path(KernelPath path, const void* object) {
    const uint32_t all = path_costs[static_cast<size_t>(path)].piece_count;
    if (path == KernelPath::KernelInterrupt) {
        core_.leave_flow();
        execute_path(path, 0, all - 1);
        access_virtual(stack_top_ - interrupted_frame, interrupted_frame, AccessKind::Store);
        return;
    }
    execute_path(path, 0, all);
    switch (path) {
        case KernelPath::TrapEntry:
            access(object, sizeof(hal::UserFrame), AccessKind::Store);
            access_virtual(local_, sizeof(uint64_t), AccessKind::Load);
            break;
        case KernelPath::TrapExit: access(object, sizeof(hal::UserFrame), AccessKind::Load); break;
        case KernelPath::TrapReturn:
            access(object, offsetof(hal::UserFrame, x[19]), AccessKind::Load);
            access(static_cast<const char*>(object) + offsetof(hal::UserFrame, x[29]),
                   2 * sizeof(uint64_t), AccessKind::Load);
            break;
        case KernelPath::VectorSave:
            access(object, sizeof(hal::VectorState), AccessKind::Store);
            break;
        case KernelPath::VectorRestore:
            access(object, sizeof(hal::VectorState), AccessKind::Load);
            break;
        default: break;
    }
}

}  // namespace orrery::phone
