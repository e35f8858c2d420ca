// SPDX-License-Identifier: Apache-2.0
// CoreMemory: what code of one CPU is charged for caches, translation and branches: the answers of
// the CPU's memory model, at the CPU's own time. Programs and kernel code go through the same one.
#pragma once

#include "sim/engine/memory_timing.hpp"
#include "sim/memory/cpu_memory.hpp"
#include "sim/phone/cpu.hpp"

namespace orrery::phone {

class CoreMemory final : public engine::MemoryTiming {
  public:
    // Both must outlive this.
    CoreMemory(const Cpu& cpu, memory::CpuMemory& model) : cpu_(cpu), model_(model) {}

    // engine::MemoryTiming; `spent` counts on from the CPU's present time, less what is settled.
    [[nodiscard]] uint32_t execute(const engine::CodeBlock& block, uint64_t spent) override;
    [[nodiscard]] uint32_t access(const engine::DataAccess& access, uint64_t spent) override;
    void leave_flow() override { last_word_ = 0; }
    void forget_all_pages() override { model_.translation().invalidate_all(); }
    void forget_asid(uint16_t asid) override { model_.translation().invalidate_asid(asid); }
    void forget_page(uint64_t address, uint16_t asid) override {
        model_.translation().invalidate_page(address, asid);
    }
    void forget_page_of_all_asids(uint64_t address) override {
        model_.translation().invalidate_page_all_asids(address);
    }
    void forget_code(uint64_t physical) override { model_.invalidate_instructions(physical); }
    void forget_all_code() override { model_.invalidate_all_instructions(); }

    // So much of `spent` is in the CPU's time already.
    void settle(uint64_t parts) { settled_ = parts; }

    [[nodiscard]] memory::CpuMemory& model() { return model_; }

  private:
    static_assert(memory::stall_parts_per_cycle == engine::parts_per_cycle);

    // A moment that is worked out only where it is asked for: hits do not.
    class Moment final {
      public:
        Moment(const Cpu& cpu, uint64_t parts) : cpu_(cpu), parts_(parts) {}
        operator uint64_t() const { return cpu_.moment(parts_); }

      private:
        const Cpu& cpu_;
        uint64_t parts_;
    };

    [[nodiscard]] Moment moment(uint64_t spent) const { return {cpu_, spent - settled_}; }
    [[nodiscard]] uint32_t settle_branch(uint64_t next);
    [[nodiscard]] uint32_t fetch(uint64_t begin, uint64_t end, const engine::PageTranslation& page,
                                 uint16_t asid, uint64_t spent);
    [[nodiscard]] uint32_t translate(memory::Side side, uint64_t address, uint16_t asid,
                                     const engine::PageTranslation& page, uint64_t spent) {
        const uint32_t stall = model_.translate(side, address, asid, moment(spent));
        if (stall != memory::CpuMemory::needs_walk) [[likely]]
            return stall;
        return walk(side, address, asid, page, spent);
    }
    [[nodiscard]] uint32_t walk(memory::Side side, uint64_t address, uint16_t asid,
                                const engine::PageTranslation& page, uint64_t spent);

    const Cpu& cpu_;
    memory::CpuMemory& model_;
    uint64_t settled_ = 0;
    uint64_t last_address_ = 0;  // of the last instruction of the block before,
    uint32_t last_word_ = 0;     // and itself; 0, which is no branch: none
};

}  // namespace orrery::phone
