// SPDX-License-Identifier: Apache-2.0
// The Unicorn library, version 2.0.1: binding by name.
#include "sim/engine/library.hpp"

#include <dlfcn.h>
#include <unicorn/unicorn.h>

#include <stdexcept>
#include <string>

namespace orrery::engine {
namespace {

constexpr const char* library_name = "libunicorn.so.2";
constexpr unsigned version_major = 2;
constexpr unsigned version_minor = 0;
constexpr unsigned version_patch = 1;

void require_version() {
    const unsigned version = uc_version(nullptr, nullptr);
    const unsigned major = version >> 24;
    const unsigned minor = version >> 16 & 0xff;
    const unsigned patch = version >> 8 & 0xff;
    if (major == version_major && minor == version_minor && patch == version_patch) return;
    throw std::runtime_error("the engine needs Unicorn 2.0.1, but " + std::to_string(major) + "." +
                             std::to_string(minor) + "." + std::to_string(patch) + " is loaded");
}

// RTLD_NEXT would not do: in a module that was loaded with RTLD_LOCAL it searches the wrong scope.
void* open_library() {
    void* handle = dlopen(library_name, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr)
        throw std::runtime_error(std::string("the engine needs ") + library_name +
                                 " as a shared library; a static Unicorn cannot be used");
    return handle;
}

template <typename Function>
void bind(void* handle, Function*& function, const char* name) {
    void* symbol = dlsym(handle, name);
    if (symbol == nullptr)
        throw std::runtime_error(std::string("Unicorn does not export its internal function ") +
                                 name + ", so it is not the build that the engine knows");
    function = reinterpret_cast<Function*>(symbol);
}

}  // namespace

Library::Library() {
    require_version();
    void* handle = open_library();
    bind(handle, memory_mapping, "memory_mapping");
    bind(handle, tlb_flush, "tlb_flush_aarch64");
    bind(handle, tlb_flush_page, "tlb_flush_page_aarch64");
    bind(handle, tlb_set_page_with_attrs, "tlb_set_page_with_attrs_aarch64");
    bind(handle, tlb_set_dirty, "tlb_set_dirty_aarch64");
    bind(handle, tlb_reset_dirty, "tlb_reset_dirty_aarch64");
    bind(handle, tlb_protect_code, "tlb_protect_code_aarch64");
    bind(handle, tlb_unprotect_code, "tlb_unprotect_code_aarch64");
    bind(handle, page_collection_lock, "page_collection_lock_aarch64");
    bind(handle, page_collection_unlock, "page_collection_unlock_aarch64");
    bind(handle, tb_invalidate_phys_page_fast, "tb_invalidate_phys_page_fast_aarch64");
    bind(handle, tb_invalidate_phys_range, "tb_invalidate_phys_range_aarch64");
    bind(handle, ram_address_from_host, "qemu_ram_addr_from_host_aarch64");
    bind(handle, transaction_failed, "arm_cpu_do_transaction_failed_aarch64");
    bind(handle, unaligned_access, "arm_cpu_do_unaligned_access_aarch64");
    bind(handle, restore_state, "cpu_restore_state_aarch64");
    bind(handle, raise_exception, "raise_exception_aarch64");
    bind(handle, raise_exception_at, "raise_exception_ra_aarch64");
    bind(handle, do_interrupt, "arm_cpu_do_interrupt_aarch64");
    bind(handle, rebuild_state, "arm_rebuild_hflags_aarch64");
    bind(handle, load8, "helper_ret_ldub_mmu_aarch64");
    bind(handle, load16, "helper_le_lduw_mmu_aarch64");
    bind(handle, load32, "helper_le_ldul_mmu_aarch64");
    bind(handle, load64, "helper_le_ldq_mmu_aarch64");
    bind(handle, store8, "helper_ret_stb_mmu_aarch64");
    bind(handle, store16, "helper_le_stw_mmu_aarch64");
    bind(handle, store32, "helper_le_stl_mmu_aarch64");
    bind(handle, store64, "helper_le_stq_mmu_aarch64");
}

const Library& Library::instance() {
    static const Library library;
    return library;
}

}  // namespace orrery::engine
