# SPDX-License-Identifier: Apache-2.0
# AArch64 targets in the same build tree: clang is a cross compiler by itself, lld links, and the
# headers of the freestanding library come from Debian's cross package.
find_program(LLD ld.lld REQUIRED)
find_program(LLVM_OBJCOPY NAMES llvm-objcopy llvm-objcopy-14 REQUIRED)

# Cortex-A72 is the common subset of the boards: Armv8.0 without LSE atomics.
set(ORRERY_AARCH64_OPTIONS --target=aarch64-linux-gnu -mcpu=cortex-a72 -mno-outline-atomics
    -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-exceptions -fno-rtti
    -fno-threadsafe-statics -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections)
set(ORRERY_AARCH64_LINK_OPTIONS --target=aarch64-linux-gnu -fuse-ld=lld -nostdlib -static
    -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,separate-code -Wl,-z,max-page-size=4096)

# orrery_aarch64_target(TARGET): code that runs on the phone, with the warnings of all code.
function(orrery_aarch64_target target)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE ${ORRERY_AARCH64_OPTIONS}
        $<$<COMPILE_LANGUAGE:CXX>:${ORRERY_WARNINGS}>)
    target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
endfunction()

# orrery_aarch64_link(TARGET SCRIPT): links an executable after a linker script.
function(orrery_aarch64_link target script)
    target_link_options(${target} PRIVATE ${ORRERY_AARCH64_LINK_OPTIONS} "-Wl,-T,${script}")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${script}")
endfunction()
