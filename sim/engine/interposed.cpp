// SPDX-License-Identifier: Apache-2.0
// Functions that the Unicorn library calls instead of its own of the same name.
//
// They are the engine's only eyes inside the library, and correct what 2.0.1 does wrong where the
// public interface cannot. Each first looks up whose engine it is called for; for an engine of
// somebody else it only passes the call on. They are found by the dynamic linker, so they must be
// visible and their object must precede the library in its search order; an engine refuses to start
// where that is not so. The library leaves some of them by longjmp: no object with a destructor may
// live across a call of the original.
#include <cstdint>
#include <type_traits>

#include "sim/engine/core.hpp"
#include "sim/engine/library.hpp"
#include "sim/engine/system_registers.hpp"

#define ORRERY_INTERPOSED extern "C" __attribute__((visibility("default")))

namespace orrery::engine {
namespace {

void* flushed_cpu = nullptr;

// Notes the access for as long as `call` works on it. The library breaks a misaligned access into
// aligned ones by the same functions; the outermost is the program's.
template <typename Call>
auto with_access(void* environment, std::uint64_t address, unsigned size,
                 std::uintptr_t return_address, const Call& call) {
    Core* core = Core::of_environment(environment);
    if (core == nullptr || core->access.active) return call();
    core->access = {true, address, size, return_address};
    if constexpr (std::is_void_v<decltype(call())>) {
        call();
        core->access.active = false;
    } else {
        const auto value = call();
        core->access.active = false;
        return value;
    }
}

}  // namespace

void* last_flushed_cpu() {
    return flushed_cpu;
}
void forget_last_flushed_cpu() {
    flushed_cpu = nullptr;
}

}  // namespace orrery::engine

using orrery::engine::Core;
using orrery::engine::Library;

// The library looks up virtual addresses in its list of physical regions before it translates
// them. The engine covers all of that list but the last page, which cannot be covered: a wild
// pointer into it (a null pointer minus 8) would end the run instead of faulting. Its neighbour
// stands in for it; the translation that follows uses the right address.
ORRERY_INTERPOSED void* memory_mapping(uc_struct* uc, std::uint64_t address) {
    constexpr std::uint64_t last_page = ~orrery::engine::bits::page_mask;
    if (address >= last_page && Core::of_engine(uc) != nullptr) address = last_page - 1;
    return Library::instance().memory_mapping(uc, address);
}

ORRERY_INTERPOSED void tlb_flush_aarch64(void* cpu) {
    orrery::engine::flushed_cpu = cpu;
    Library::instance().tlb_flush(cpu);
}

ORRERY_INTERPOSED void tlb_set_page_with_attrs_aarch64(void* cpu, std::uint64_t virtual_address,
                                                       std::uint64_t physical,
                                                       std::uint32_t attributes, int protection,
                                                       int mmu_index, std::uint64_t size) {
    Library::instance().tlb_set_page_with_attrs(cpu, virtual_address, physical, attributes,
                                                protection, mmu_index, size);
    if ((protection & orrery::engine::library_page_write) == 0) return;
    if (Core* core = Core::of_cpu(cpu))
        core->stores.writable_page_entered(cpu, virtual_address, physical);
}

ORRERY_INTERPOSED void tlb_protect_code_aarch64(uc_struct* uc, std::uint64_t ram_address) {
    Library::instance().tlb_protect_code(uc, ram_address);
    if (Core* core = Core::of_engine(uc))
        core->stores.first_block_translated(core->cpu, ram_address);
}

ORRERY_INTERPOSED void tlb_unprotect_code_aarch64(uc_struct* uc, std::uint64_t ram_address) {
    Library::instance().tlb_unprotect_code(uc, ram_address);
    if (Core* core = Core::of_engine(uc)) core->stores.last_block_dropped(ram_address);
}

// The locks guard nothing in the library, which has one thread an engine, but cost a tree of
// allocations for every store; later releases removed them.
ORRERY_INTERPOSED void* page_collection_lock_aarch64(uc_struct* uc, std::uint64_t begin,
                                                     std::uint64_t end) {
    const Core* core = Core::of_engine(uc);
    if (core == nullptr || core->stores.mode() == orrery::engine::StoreMode::Stock)
        return Library::instance().page_collection_lock(uc, begin, end);
    return nullptr;
}

ORRERY_INTERPOSED void page_collection_unlock_aarch64(void* pages) {
    if (pages != nullptr) Library::instance().page_collection_unlock(pages);
}

ORRERY_INTERPOSED void tb_invalidate_phys_page_fast_aarch64(uc_struct* uc, void* pages,
                                                            std::uint64_t ram_address, int size,
                                                            std::uintptr_t from) {
    if (Core* core = Core::of_engine(uc))
        core->stores.stored(ram_address, static_cast<std::uint64_t>(size));
    Library::instance().tb_invalidate_phys_page_fast(uc, pages, ram_address, size, from);
}

// The original loses the syndrome: it sets it first and then restores the state of the instruction,
// which overwrites it. This is the order that later releases have.
ORRERY_INTERPOSED void raise_exception_ra_aarch64(void* environment, std::uint32_t number,
                                                  std::uint32_t syndrome,
                                                  std::uint32_t target_level, std::uintptr_t from) {
    const Library& library = Library::instance();
    const Core* core = Core::of_environment(environment);
    if (core == nullptr)
        return library.raise_exception_at(environment, number, syndrome, target_level, from);
    library.restore_state(core->cpu, from, true);
    library.raise_exception(environment, number, syndrome, target_level);
}

// Slow loads and stores: TLB misses, devices, and stores that may hit code.
#define ORRERY_INTERPOSED_LOAD(name, original, Value)                                       \
    ORRERY_INTERPOSED std::uint64_t name(void* environment, std::uint64_t address,          \
                                         std::uint32_t operation, std::uintptr_t from) {    \
        return orrery::engine::with_access(environment, address, sizeof(Value), from, [&] { \
            return Library::instance().original(environment, address, operation, from);     \
        });                                                                                 \
    }
#define ORRERY_INTERPOSED_STORE(name, original, Value)                                  \
    ORRERY_INTERPOSED void name(void* environment, std::uint64_t address, Value value,  \
                                std::uint32_t operation, std::uintptr_t from) {         \
        orrery::engine::with_access(environment, address, sizeof(Value), from, [&] {    \
            Library::instance().original(environment, address, value, operation, from); \
        });                                                                             \
    }

ORRERY_INTERPOSED_LOAD(helper_ret_ldub_mmu_aarch64, load8, std::uint8_t)
ORRERY_INTERPOSED_LOAD(helper_le_lduw_mmu_aarch64, load16, std::uint16_t)
ORRERY_INTERPOSED_LOAD(helper_le_ldul_mmu_aarch64, load32, std::uint32_t)
ORRERY_INTERPOSED_LOAD(helper_le_ldq_mmu_aarch64, load64, std::uint64_t)
ORRERY_INTERPOSED_STORE(helper_ret_stb_mmu_aarch64, store8, std::uint8_t)
ORRERY_INTERPOSED_STORE(helper_le_stw_mmu_aarch64, store16, std::uint16_t)
ORRERY_INTERPOSED_STORE(helper_le_stl_mmu_aarch64, store32, std::uint32_t)
ORRERY_INTERPOSED_STORE(helper_le_stq_mmu_aarch64, store64, std::uint64_t)
