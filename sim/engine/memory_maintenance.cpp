// SPDX-License-Identifier: Apache-2.0
// What a system engine's maintenance instructions make the models of TLBs and instruction caches
// forget (Arm Architecture Reference Manual, C5.5 TLB maintenance and C5.3 cache maintenance).
#include "sim/engine/page_walk.hpp"
#include "sim/engine/system_state.hpp"

namespace orrery::engine {
namespace {

constexpr std::uint32_t inner_shareable = 3;  // CRm
constexpr std::uint32_t all = 0, by_asid = 2;

bool is_tlbi(const SystemRegister& which) {
    return which.op0 == 1 && which.op1 == 0 && which.crn == 8;
}

// Of all ASIDs: VAAE1 and VAALE1; else VAE1 and VALE1.
bool is_of_all_asids(const SystemRegister& which) {
    return which.op2 == 3 || which.op2 == 7;
}

}  // namespace

template <typename Call>
void SystemState::for_each_timing(bool everywhere, const Call& call) {
    if (!everywhere) return call(*timing);
    for (SystemState* state : states())
        if (state->timing != nullptr) call(*state->timing);
}

void SystemState::maintain_timing(const SystemRegister& which, std::uint64_t operand) {
    namespace si = system_instruction;
    if (which == si::ic_ivau) {
        PageTranslation page;
        if (!walk_tables(operand & ~bits::page_mask, page)) return;
        const std::uint64_t line = page.physical | (operand & bits::page_mask);
        return for_each_timing(true, [&](MemoryTiming& each) { each.forget_code(line); });
    }
    if (at_el0()) return;
    if (which == si::ic_iallu || which == si::ic_ialluis)
        return for_each_timing(which == si::ic_ialluis,
                               [](MemoryTiming& each) { each.forget_all_code(); });
    if (!is_tlbi(which)) return;
    const bool everywhere = which.crm == inner_shareable;
    const auto asid = static_cast<std::uint16_t>(operand >> bits::ttbr_asid_shift);
    // Operand bits 43:0 are address bits 55:12.
    const auto address = static_cast<std::uint64_t>(static_cast<std::int64_t>(operand << 20) >> 8);
    for_each_timing(everywhere, [&](MemoryTiming& each) {
        if (which.op2 == all)
            each.forget_all_pages();
        else if (which.op2 == by_asid)
            each.forget_asid(asid);
        else if (is_of_all_asids(which))
            each.forget_page_of_all_asids(address);
        else
            each.forget_page(address, asid);
    });
}

}  // namespace orrery::engine
