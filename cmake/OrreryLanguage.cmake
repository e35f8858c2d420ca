# SPDX-License-Identifier: Apache-2.0
# The language of every target: C++20, position-independent, hidden symbols, one warning set that is
# clean, and ccache where there is one.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
    set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
endif()

# Source paths appear in traces and reports relative to the root, so that no build depends on where
# it was made.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")

set(ORRERY_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Woverloaded-virtual
    -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror)

# orrery_host_target(TARGET): a target of the simulator or of the tests, warnings on.
function(orrery_host_target target)
    target_compile_options(${target} PRIVATE ${ORRERY_WARNINGS})
    target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
endfunction()

# orrery_qt_target(TARGET): a target of the inspector that uses Qt; its headers go through moc.
function(orrery_qt_target target)
    orrery_host_target(${target})
    set_target_properties(${target} PROPERTIES AUTOMOC ON)
endfunction()
