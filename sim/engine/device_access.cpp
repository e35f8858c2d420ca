// SPDX-License-Identifier: Apache-2.0
// Loads and stores that the page tables send to where no memory is.
//
// They go to the bus with the program's size, on which the library splits 64 bits in two. Faults
// are raised from inside the callback, at the instruction, with the program's address:
//
//   - a misaligned access is an alignment fault, as for Device memory, and the bus sees nothing;
//   - an error of the bus is a synchronous external abort;
//   - a fetch is one without asking the bus: code is not executed from devices.
//
// Limits of 2.0.1: a table walk through a device is asked for in 32-bit halves and its failure
// reported as status 0x10 instead of 0x14 to 0x17; DC ZVA arrives as single bytes; the exclusive
// store of a pair LDXR, STXR compares and writes, both on the bus.
#include "sim/engine/engine_state.hpp"
#include "sim/engine/library.hpp"

namespace orrery::engine {
namespace {

constexpr unsigned half = 4;  // the widest access that the library passes on
constexpr unsigned half_bits = 32;

}  // namespace

void EngineState::abandon_access() {
    core.access.active = false;
    split_.active = false;
}

// Runs one access of the bus, which may switch to other engines in the middle.
template <typename Access>
bool EngineState::access_bus(const Access& access) {
    bool answered = false;
    in_bus_access = true;
    try {
        answered = access();
    } catch (...) {
        // No exception may pass through the library. It is abandoned as for an abort, and the
        // exception goes on from run().
        bus_exception = std::current_exception();
    }
    in_bus_access = false;
    if (flush_after_access) {
        flush_after_access = false;
        flush_tlb();
    }
    return answered;
}

// Safety: leaves by longjmp; no object with a destructor is alive between here and the library.
void EngineState::raise_external_abort(int access_type, std::uint64_t virtual_address,
                                       unsigned size) {
    const std::uintptr_t from = core.access.active ? core.access.return_address : 0;
    constexpr std::uint32_t attributes = 0;
    Library::instance().transaction_failed(core.cpu, 0, virtual_address, size, access_type,
                                           library_mmu_index_user, attributes,
                                           library_response_decode_error, from);
    __builtin_unreachable();
}

// Safety: as above.
void EngineState::check_alignment(int access_type) {
    if (core.access.aligned()) return;
    Library::instance().unaligned_access(core.cpu, core.access.address, access_type,
                                         library_mmu_index_user, core.access.return_address);
    __builtin_unreachable();
}

std::uint64_t EngineState::on_bus_read(uc_engine*, std::uint64_t offset, unsigned size,
                                       void* user) {
    const Hole& hole = *static_cast<Hole*>(user);
    EngineState& state = *hole.state;
    const std::uint64_t physical = hole.base + offset;
    const AccessInFlight& access = state.core.access;
    if (!access.active)
        state.raise_external_abort(library_access_fetch, state.core.environment.program_counter(),
                                   size);
    state.check_alignment(library_access_load);
    SplitAccess& split = state.split_;
    if (split.active && physical == split.physical + half) {
        split.active = false;
        return split.value >> half_bits;
    }
    const bool wide = access.size == 2 * half && size == half;
    std::uint64_t value = 0;
    const bool answered = state.access_bus(
        [&] { return state.bus.read(physical, wide ? access.size : size, value); });
    if (!answered) state.raise_external_abort(library_access_load, access.address, access.size);
    if (wide) split = {true, physical, value};
    return value;
}

void EngineState::on_bus_write(uc_engine*, std::uint64_t offset, unsigned size, std::uint64_t value,
                               void* user) {
    const Hole& hole = *static_cast<Hole*>(user);
    EngineState& state = *hole.state;
    std::uint64_t physical = hole.base + offset;
    const AccessInFlight& access = state.core.access;
    state.check_alignment(library_access_store);
    SplitAccess& split = state.split_;
    if (access.size == 2 * half && size == half) {
        if (!split.active || physical != split.physical + half) {
            split = {true, physical, value};
            return;
        }
        split.active = false;
        physical -= half;
        size = access.size;
        value = value << half_bits | split.value;
    }
    const bool answered = state.access_bus([&] { return state.bus.write(physical, size, value); });
    if (!answered) state.raise_external_abort(library_access_store, access.address, access.size);
}

}  // namespace orrery::engine
