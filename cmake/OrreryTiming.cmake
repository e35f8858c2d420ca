# SPDX-License-Identifier: Apache-2.0
# Native kernel timing: each kernel source is compiled once, to optimised IR for AArch64, and the
# kernel compiler (sim/compiler) makes of it both the object of the image and the object of the
# simulator, which counts what the former costs. See docs/time.md.
option(ORRERY_TIMING "The simulator's kernel counts the cycles of the image" ON)

# The core types that are counted for, as files of sim/data/cores; at most three.
set(ORRERY_CORE_TYPES cortex-a55 cortex-a76)

# orrery_machine_layer(TARGET INCLUDE): the inline functions of one HAL, as bitcode.
function(orrery_machine_layer target include)
    add_library(${target} OBJECT "${CMAKE_SOURCE_DIR}/hal/layer.cpp")
    orrery_kernel_language(${target})
    target_include_directories(${target} PRIVATE "${include}")
    target_compile_options(${target} PRIVATE -emit-llvm)
endfunction()

# orrery_timed_kernel(IMAGE HOST MEMORY SOURCES...): three static libraries of the same sources, which
# lie below this folder: for the image; for the simulator; and for the simulator with every load and
# store reported.
function(orrery_timed_kernel image host memory)
    orrery_machine_layer(${image}_layer "${CMAKE_SOURCE_DIR}/hal/aarch64")
    orrery_machine_layer(${host}_layer "${CMAKE_SOURCE_DIR}/hal/host")
    add_library(${host}_ir OBJECT ${ARGN})
    orrery_kernel_language(${host}_ir)
    target_include_directories(${host}_ir PRIVATE "${CMAKE_SOURCE_DIR}/hal/shared")
    target_compile_options(${host}_ir PRIVATE -emit-llvm)

    list(TRANSFORM ORRERY_CORE_TYPES PREPEND --core= OUTPUT_VARIABLE cores)
    foreach(source IN LISTS ARGN)
        file(RELATIVE_PATH name "${CMAKE_CURRENT_SOURCE_DIR}" "${source}")
        set(bitcode "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${host}_ir.dir/${name}.o")
        set(object "${CMAKE_CURRENT_BINARY_DIR}/timed/${name}")
        get_filename_component(folder "${object}" DIRECTORY)
        file(MAKE_DIRECTORY "${folder}")
        add_custom_command(
            OUTPUT "${object}.image.o" "${object}.host.o" "${object}.memory.o" "${object}.costs"
            COMMAND orrery_kernel_compiler "--input=${bitcode}" ${cores}
                "--image-layer=$<TARGET_OBJECTS:${image}_layer>"
                "--host-layer=$<TARGET_OBJECTS:${host}_layer>"
                "--image-object=${object}.image.o" "--host-object=${object}.host.o"
                "--memory-object=${object}.memory.o" "--report=${object}.costs"
            DEPENDS orrery_kernel_compiler "${bitcode}" "$<TARGET_OBJECTS:${image}_layer>"
                "$<TARGET_OBJECTS:${host}_layer>"
            COMMENT "Compiling ${name} for both machines" VERBATIM)
        list(APPEND image_objects "${object}.image.o")
        list(APPEND host_objects "${object}.host.o")
        list(APPEND memory_objects "${object}.memory.o")
    endforeach()
    # One rule for all objects: the libraries would otherwise each run the commands.
    add_custom_target(${host}_objects DEPENDS ${image_objects} ${host_objects} ${memory_objects})
    orrery_object_library(${image} ${host}_objects ${image_objects})
    orrery_object_library(${host} ${host}_objects ${host_objects})
    orrery_object_library(${memory} ${host}_objects ${memory_objects})
endfunction()

function(orrery_object_library target rule)
    add_library(${target} STATIC ${ARGN})
    set_source_files_properties(${ARGN} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
    add_dependencies(${target} ${rule})
endfunction()

# orrery_kernel_language(TARGET): kernel code for AArch64, whichever machine it is for.
function(orrery_kernel_language target)
    orrery_aarch64_target(${target})
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-mgeneral-regs-only
        -fno-builtin-memcpy -Wno-gnu-statement-expression>)
    target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/hal/include")
endfunction()
