# SPDX-License-Identifier: Apache-2.0
# Every package that the build takes from the system, each as an imported target orrery::NAME.
find_package(PkgConfig REQUIRED)
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
find_package(pybind11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)

pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
pkg_check_modules(UNICORN REQUIRED IMPORTED_TARGET unicorn)
pkg_check_modules(CAPSTONE REQUIRED IMPORTED_TARGET capstone)
find_library(FDT_LIBRARY fdt REQUIRED)
find_path(FDT_INCLUDE libfdt.h REQUIRED)
find_path(PROTOZERO_INCLUDE protozero/pbf_writer.hpp REQUIRED)
find_path(TOML_INCLUDE toml++/toml.h REQUIRED)

# Debian's SystemC was built as C++17; its headers must be told so when used from C++20. They are
# system headers: their warnings are not ours.
add_library(orrery_systemc INTERFACE)
add_library(orrery::systemc ALIAS orrery_systemc)
target_compile_definitions(orrery_systemc INTERFACE SC_CPLUSPLUS=201703L SC_INCLUDE_DYNAMIC_PROCESSES)
target_include_directories(orrery_systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE_DIRS})
target_link_libraries(orrery_systemc INTERFACE PkgConfig::SYSTEMC)

add_library(orrery_fdt INTERFACE)
add_library(orrery::fdt ALIAS orrery_fdt)
target_include_directories(orrery_fdt SYSTEM INTERFACE ${FDT_INCLUDE})
target_link_libraries(orrery_fdt INTERFACE ${FDT_LIBRARY})

add_library(orrery_protozero INTERFACE)
add_library(orrery::protozero ALIAS orrery_protozero)
target_include_directories(orrery_protozero SYSTEM INTERFACE ${PROTOZERO_INCLUDE})

# The compiler's own library, of the same version as the compiler: the kernel compiler is made of it.
# C++20 may use it, but for its JSON.
if(ORRERY_TIMING)
    find_library(LLVM_LIBRARY LLVM-14 PATHS /usr/lib/llvm-14/lib REQUIRED)
    find_path(LLVM_INCLUDE llvm/IR/Module.h PATHS /usr/lib/llvm-14/include NO_DEFAULT_PATH REQUIRED)
    add_library(orrery_llvm INTERFACE)
    add_library(orrery::llvm ALIAS orrery_llvm)
    target_include_directories(orrery_llvm SYSTEM INTERFACE ${LLVM_INCLUDE})
    target_compile_definitions(orrery_llvm INTERFACE __STDC_CONSTANT_MACROS __STDC_LIMIT_MACROS)
    target_link_libraries(orrery_llvm INTERFACE ${LLVM_LIBRARY})
endif()

add_library(orrery_toml INTERFACE)
add_library(orrery::toml ALIAS orrery_toml)
target_include_directories(orrery_toml SYSTEM INTERFACE ${TOML_INCLUDE})

if(ORRERY_TESTS)
    find_package(GTest REQUIRED)
    # The reference that the kernel's LZ4 is tested against.
    pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
endif()
if(ORRERY_BENCH)
    find_package(benchmark REQUIRED)
endif()
if(ORRERY_INSPECTOR)
    find_package(Qt6 6.4 COMPONENTS Core Gui Widgets Network Svg REQUIRED)
    if(ORRERY_TESTS)
        find_package(Qt6 6.4 COMPONENTS Test REQUIRED)
    endif()
endif()
