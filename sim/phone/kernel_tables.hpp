// SPDX-License-Identifier: Apache-2.0
// KernelTables: the translation tables that the image would have made for the kernel half of the
// address space, at the places where it would have them. Native kernel code needs none; what its
// translations cost depends on them.
//
// They follow hal/aarch64/boot_tables.cpp and kernel_tables.cpp, but for device registers, which
// are not memory: the pool's tables may come in another order than in the image.
#pragma once

#include "hal/aarch64/descriptor.hpp"
#include "hal/aarch64/layout.hpp"
#include "sim/engine/page_walk.hpp"
#include "sim/phone/arena.hpp"
#include "sim/phone/path_costs.hpp"

namespace orrery::phone {

class KernelTables final {
  public:
    // The tables lie in the arena, in the image's place at `image`, where a native kernel has
    // nothing. Precondition: the layout is known.
    KernelTables(const Arena& arena, std::span<const engine::MemoryBank> memory, uint64_t image);

    // The kernel has added memory to its direct map.
    void map_memory(uint64_t begin, uint64_t size);

    // A kernel address; false if it is not mapped.
    [[nodiscard]] bool walk(uint64_t address, engine::PageTranslation& translation) const;

  private:
    [[nodiscard]] hal::aarch64::Table& table_at(uint64_t physical) const;
    void map_image();
    void map_range(uint64_t base, uint64_t begin, uint64_t end);
    [[nodiscard]] uint64_t next_table(uint64_t& entry);

    const Arena& arena_;
    std::span<const engine::MemoryBank> memory_;
    uint64_t image_;
    uint64_t pool_;  // the next table of the pool
};

}  // namespace orrery::phone
