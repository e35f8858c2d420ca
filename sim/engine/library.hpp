// SPDX-License-Identifier: Apache-2.0
// The Unicorn library, version 2.0.1, and the internal functions of it that the engine calls.
//
// The library exports its internals and calls them through its procedure linkage table. The engine
// uses that twice: it defines some of these functions itself, so that the library calls the
// engine's (interposed.cpp), and it calls the library's own by the pointers below. Names and
// signatures are those of 2.0.1; any other version is refused.
#pragma once

#include <cstddef>
#include <cstdint>

struct uc_struct;

namespace orrery::engine {

class Library final {
  public:
    // Throws std::runtime_error when the loaded library is not the one this code was written for.
    static const Library& instance();

    // Virtual address to the region of the library's list that contains it.
    void* (*memory_mapping)(uc_struct*, std::uint64_t address);

    void (*tlb_flush)(void* cpu);
    void (*tlb_flush_page)(void* cpu, std::uint64_t virtual_address);
    void (*tlb_set_page_with_attrs)(void* cpu, std::uint64_t virtual_address,
                                    std::uint64_t physical, std::uint32_t attributes,
                                    int protection, int mmu_index, std::uint64_t size);
    void (*tlb_set_dirty)(void* cpu, std::uint64_t virtual_address);
    void (*tlb_reset_dirty)(void* cpu, std::uintptr_t host_begin, std::uint64_t length);
    void (*tlb_protect_code)(uc_struct*, std::uint64_t ram_address);
    void (*tlb_unprotect_code)(uc_struct*, std::uint64_t ram_address);

    void* (*page_collection_lock)(uc_struct*, std::uint64_t begin, std::uint64_t end);
    void (*page_collection_unlock)(void* pages);
    void (*tb_invalidate_phys_page_fast)(uc_struct*, void* pages, std::uint64_t ram_address,
                                         int size, std::uintptr_t return_address);
    void (*tb_invalidate_phys_range)(uc_struct*, std::uint64_t ram_begin, std::uint64_t ram_end);
    std::uint64_t (*ram_address_from_host)(uc_struct*, void* host);

    // Raises an external abort for an access and does not return.
    void (*transaction_failed)(void* cpu, std::uint64_t physical, std::uint64_t virtual_address,
                               unsigned size, int access_type, int mmu_index,
                               std::uint32_t attributes, std::uint32_t response,
                               std::uintptr_t return_address);

    // Raises an alignment fault for an access and does not return.
    void (*unaligned_access)(void* cpu, std::uint64_t virtual_address, int access_type,
                             int mmu_index, std::uintptr_t return_address);

    // Sets the CPU state to the instruction that `return_address` in translated code belongs to.
    bool (*restore_state)(void* cpu, std::uintptr_t return_address, bool will_exit);
    // Leaves the translated code with an exception and does not return.
    void (*raise_exception)(void* environment, std::uint32_t number, std::uint32_t syndrome,
                            std::uint32_t target_level);
    void (*raise_exception_at)(void* environment, std::uint32_t number, std::uint32_t syndrome,
                               std::uint32_t target_level, std::uintptr_t return_address);

    // Enters EL1 for the exception that the CPU object holds, as the architecture says.
    void (*do_interrupt)(void* cpu);
    // Brings the cached translation state in step with system registers that were written.
    void (*rebuild_state)(void* environment);

    using Load = std::uint64_t (*)(void* environment, std::uint64_t address,
                                   std::uint32_t operation, std::uintptr_t return_address);
    template <typename Value>
    using Store = void (*)(void* environment, std::uint64_t address, Value value,
                           std::uint32_t operation, std::uintptr_t return_address);
    Load load8, load16, load32, load64;
    Store<std::uint8_t> store8;
    Store<std::uint16_t> store16;
    Store<std::uint32_t> store32;
    Store<std::uint64_t> store64;

  private:
    Library();
};

// Values of the library's enumerations.
inline constexpr int library_access_load = 0;
inline constexpr int library_access_store = 1;
inline constexpr int library_access_fetch = 2;
inline constexpr int library_mmu_index_user = 0;
inline constexpr int library_page_write = 2;
inline constexpr std::uint32_t library_exception_prefetch_abort = 3;
inline constexpr std::uint32_t library_exception_hypervisor_call = 11;
inline constexpr std::uint32_t library_exception_monitor_call = 13;
inline constexpr std::uint32_t library_response_decode_error = 2;

}  // namespace orrery::engine
