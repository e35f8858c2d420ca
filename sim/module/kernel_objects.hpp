// SPDX-License-Identifier: Apache-2.0
// KernelInfo as Python sees it: plain values, taken when the machine is at rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/kernel_view.hpp"

namespace orrery::module {

struct Cpu {
    bool online;
    uint32_t thread;
    uint64_t traps, system_calls, interrupts, faults, context_switches;
    uint64_t idle_ns, user_ns;
};

struct Task {
    uint32_t id, parent;
    std::string name, reason;
    int32_t exit_code;
    uint32_t threads, container;
    uint64_t frames, cpu_ns, cpu_mask, load_bias;
};

struct Container {
    uint32_t id, parent;
    std::string name, state;
    bool paused;
    uint32_t depth, tasks;
    uint64_t pids, memory, memory_peak, memory_max, cpu_ns, periods_throttled, out_of_memory_ends;
};

struct Fault {
    uint32_t task, thread;
    std::string name;
    uint64_t time_ns, syndrome, address, pc, sp, pstate, load_bias;
    std::vector<uint64_t> x;
    std::optional<uint32_t> instruction;
    std::string disassembly, explanation;
};

struct Epitaph {
    uint32_t cpu, thread;
    uint64_t time_ns;
    std::string file;
    uint32_t line;
    std::string message;
    std::vector<uint64_t> values;
};

struct FrameNode {
    uint32_t id;
    uint64_t frames_total, frames_free, metadata_bytes;
    std::vector<uint64_t> free_blocks;
};

struct PageFrames {
    std::string allocator;
    bool page_cache = false;
    uint64_t shown_ns = 0;
    uint64_t record_bytes = 0;
    std::vector<std::pair<std::string, uint64_t>> owners;  // frames, all but the free ones
    std::vector<FrameNode> nodes;
};

struct KernelHeap {
    std::string allocator;
    bool debug = false;
    uint64_t frames = 0, objects = 0, bytes = 0, shown_ns = 0;
};

// Averages are over the kernel's windows, in units of one.
struct CpuLoad {
    bool online = false, isolated = false;
    uint32_t runnable = 0;
    std::vector<double> averages;
    double reserved = 0;
    uint64_t runnable_ns = 0, stolen = 0;
};

struct Pressure {
    uint64_t total_ns = 0;
    std::vector<double> averages;
};

struct Schedule {
    std::string policy;
    std::vector<CpuLoad> cpus;
    Pressure some, full;
};

struct Kernel {
    bool present = false;
    std::string state = "off";
    uint64_t boot_ns = 0, init_ns = 0, hold_ns = 0, holds = 0, timer_frequency = 0;
    int64_t power_off_code = 0;
    uint64_t frames_total = 0, frames_free = 0, fault_count = 0, trace_lost = 0;
    PageFrames page_frames;
    std::vector<std::pair<std::string, uint64_t>> memory;  // events and figures by name
    KernelHeap kernel_heap;
    Schedule schedule;
    std::vector<Cpu> cpus;
    std::vector<Task> tasks;
    std::vector<Container> containers;
    std::vector<Fault> faults;
    std::optional<Epitaph> epitaph;
};

[[nodiscard]] Kernel snapshot(const std::optional<trace::KernelView>& view, uint64_t trace_lost);

}  // namespace orrery::module
