// SPDX-License-Identifier: Apache-2.0
// The kernel command line (/chosen/bootargs): `key=value` words; what follows " -- " is init's.
//
//   page_allocator=buddy      page-frame strategy, see kernel/memory/frames
//   page_cache=on|off         free frames kept by each CPU (default on)
//   aslr=on|off               programs, stacks and mappings at random addresses (default on)
//   kaslr=on|off              the image likewise, which its boot code does (default on)
//   kernel_preemption=on|off  urgent threads run above long calls (default on)
//   kernel_heap=simple        allocator of kernel objects, see kernel/memory/heap
//   heap_debug=on|off         red zones and poison in the kernel heap (default off)
//   init=bin/init             path of the first program in the archive
//   trace=on|off              kernel trace points (default off)
//   record_allocations=on|off  records of each page frame (default off)
//   trace_records=N           records in each CPU's ring, a power of two (default 65536)
//   hold=NS                   first value of KernelInfo::hold_at, in nanoseconds
//   cpus=N                    start at most N CPUs
//   task_memory=PERCENT       share of all frames that one task may own (default 25)
//   memory_limit=SIZE         what the page allocator gets at most, such as 64M (default: all)
//   reclaim=on|off            free memory that can be had again when it is short (default on)
//   swap_memory=PERCENT       share of all frames for compressed pages, 0 to 50 (default 25)
//   swap_disk=SIZE            memory that serves as a disk to swap to (default 0: none)
//   huge_pages=MODE           2 MiB mappings: never (default), always, promote
//   cpu_performance=WISH      operating points at boot: highest (default), lowest, N (kHz), N%
//   governor=NAME             who sets clocks later: none (default), schedutil, performance,
//   powersave placement=NAME            where woken threads go: idle_first (default), energy
//   scheduler=rr|fair|predictive  policy of the normal class, see kernel/schedule/policies
//   input_boost=MS            how long threads that serve input go first (default 20, 0: not)
//   isolated_cpus=LIST        CPUs that only threads bound to them use, such as 4-5,7 (not 0)
#pragma once

#include <stdint.h>

#include <string_view>

#include "kernel/base/result.hpp"
#include "kernel/memory/memory.hpp"
#include "kernel/schedule/energy/frequency_governor.hpp"

namespace kernel {

// A wish for operating points: a domain gets the lowest level that meets it.
struct PerformanceWish {
    enum class Kind : uint32_t { Highest, Lowest, Kilohertz, Percent } kind = Kind::Highest;
    uint64_t value = 0;
};

struct CommandLine {
    std::string_view page_allocator = "buddy";
    bool page_cache = true;
    bool aslr = true;
    bool kaslr = true;
    std::string_view kernel_heap = "simple";
    bool heap_debug = false;
    bool kernel_preemption = true;
    std::string_view init = "bin/init";
    std::string_view init_arguments;
    bool trace = false;
    bool record_allocations = false;
    uint64_t trace_records = 65536;
    uint64_t hold_nanoseconds = 0;
    uint64_t cpus = 8;
    uint64_t task_memory_percent = 25;
    uint64_t memory_limit = UINT64_MAX;  // bytes
    bool reclaim = true;
    uint64_t swap_memory_percent = 25;
    uint64_t swap_disk = 0;  // bytes
    Memory::HugePages huge_pages = Memory::HugePages::Never;
    PerformanceWish cpu_performance;
    Governor governor = Governor::None;
    bool energy_placement = false;
    std::string_view scheduler = "rr";
    uint64_t isolated_cpus = 0;  // mask
    uint64_t input_boost_milliseconds = 20;
    std::string_view bad_word;  // the first word that is not understood
};

// Views into `text`. An unknown key or an impossible value is InvalidArgument with `bad_word` set.
[[nodiscard]] Status parse_command_line(std::string_view text, CommandLine& result);

}  // namespace kernel
