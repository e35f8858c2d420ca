// SPDX-License-Identifier: Apache-2.0
// KernelMemory: what native kernel code on one CPU is charged for caches, translation and branches:
// the image's code that it stands for is fetched, and its accesses go to the addresses that they
// would have in the image.
//
// The kernel's own data is at the same physical address natively and in the image. Locals, spilled
// registers and constants are not in the phone's memory natively; they count as level 1 hits.
#pragma once

#include <span>

#include "hal/host/clock.hpp"
#include "sim/engine/translation_cache.hpp"
#include "sim/phone/core_memory.hpp"
#include "sim/phone/kernel_tables.hpp"
#include "sim/phone/kernel_timing.hpp"

namespace orrery::phone {

class KernelMemory final {
  public:
    // Where a native kernel's image would be, and its tables.
    struct Place {
        uint64_t image;  // physical
        std::span<const engine::MemoryBank> memory;
        const KernelTables* tables;
    };

    // The CPU's number; `core` must outlive this.
    KernelMemory(unsigned cpu, CoreMemory& core, const Place& place);

    // Pieces of the image's code, from `function` on.
    void execute(uint64_t function, std::span<const hal::host::CodePiece> pieces);
    void access(const void* address, uint32_t size, engine::AccessKind kind);
    // An assembly path with its own loads and stores, if `object` (a register frame) is given.
    void path(KernelPath path, const void* object);
    // hal::Machine::cpu_index(), which is inline in the image.
    void load_index();
    // The way back from KernelPath::KernelInterrupt, whose path() leads only to the kernel's code.
    void return_from_interrupt();

    // Parts of a cycle that nobody has charged yet.
    [[nodiscard]] uint64_t taken() {
        const uint64_t parts = stalls_;
        stalls_ = 0;
        return parts;
    }

  private:
    [[nodiscard]] bool in_memory(uint64_t physical) const;
    void execute_path(KernelPath path, uint32_t first, uint32_t count);
    void access_virtual(uint64_t address, uint32_t size, engine::AccessKind kind);
    [[nodiscard]] const engine::PageTranslation* translation_of(uint64_t address);

    CoreMemory& core_;
    Place place_;
    uint64_t local_;      // this CPU's hal::aarch64::CpuLocal,
    uint64_t stack_top_;  // and its kernel stack
    engine::TranslationCache translations_;
    uint64_t stalls_ = 0;
};

}  // namespace orrery::phone
