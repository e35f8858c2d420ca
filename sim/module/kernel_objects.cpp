// SPDX-License-Identifier: Apache-2.0
// KernelInfo as Python sees it.
#include "sim/module/kernel_objects.hpp"

#include "sim/trace/disassembler.hpp"
#include "sim/trace/syndrome.hpp"

namespace orrery::module {
namespace {

namespace abi = kernel::abi;

template <size_t Size>
std::string text_of(const char (&field)[Size]) {
    size_t length = 0;
    while (length < Size && field[length] != '\0') ++length;
    return {field, length};
}

Cpu cpu_of(const trace::KernelView& view, const abi::CpuInfo& info) {
    return {info.online != 0,
            info.thread,
            info.traps,
            info.system_calls,
            info.interrupts,
            info.faults,
            info.context_switches,
            view.nanoseconds(info.idle_ticks),
            view.nanoseconds(info.user_ticks)};
}

Task task_of(const trace::KernelView& view, const trace::Task& task) {
    const abi::TaskInfo& info = task.info;
    return {info.id,
            info.parent,
            task.name,
            abi::end_reason_name(info.reason),
            info.exit_code,
            info.threads,
            info.container,
            info.frames,
            view.nanoseconds(info.cpu_ticks),
            info.cpu_mask,
            info.load_bias};
}

Container container_of(const trace::KernelView& view, const trace::Container& container) {
    const abi::ContainerInfo& info = container.info;
    return {.id = info.id,
            .parent = info.parent,
            .name = container.name,
            .state = abi::container_state_name(info.state),
            .paused = info.paused != 0,
            .depth = info.depth,
            .tasks = info.tasks,
            .pids = info.pids_current,
            .memory = info.memory_current,
            .memory_peak = info.memory_peak,
            .memory_max = info.memory_max,
            .cpu_ns = view.nanoseconds(info.cpu_usage_ticks),
            .periods_throttled = info.cpu_periods_throttled,
            .out_of_memory_ends = info.out_of_memory_ends};
}

Fault fault_of(const trace::KernelView& view, const trace::Disassembler& disassembler,
               const trace::Fault& fault) {
    const abi::FaultReport& report = fault.report;
    Fault result{.task = report.task,
                 .thread = report.thread,
                 .name = fault.name,
                 .time_ns = view.nanoseconds(report.ticks),
                 .syndrome = report.syndrome,
                 .address = report.address,
                 .pc = report.pc,
                 .sp = report.sp,
                 .pstate = report.pstate,
                 .load_bias = report.load_bias,
                 .x = {std::begin(report.x), std::end(report.x)},
                 .instruction = {},
                 .disassembly = {},
                 .explanation = trace::describe_syndrome(report.syndrome)};
    if (report.instruction_valid != 0) {
        result.instruction = report.instruction;
        result.disassembly = disassembler.text(report.instruction, report.pc);
    }
    return result;
}

PageFrames page_frames_of(const trace::KernelView& view) {
    const abi::FrameInfo info = view.frames();
    PageFrames frames{.allocator = text_of(info.allocator),
                      .page_cache = info.page_cache != 0,
                      .shown_ns = view.nanoseconds(info.shown_ticks),
                      .record_bytes = view.frame_record_bytes(),
                      .owners = {},
                      .nodes = {}};
    for (uint32_t i = 1; i < abi::frame_owner_count; ++i) {
        const auto owner = static_cast<abi::FrameOwner>(i);
        frames.owners.emplace_back(abi::frame_owner_name(owner), view.frames_of(owner));
    }
    for (uint32_t i = 0; i < std::min(info.nodes_present, abi::max_memory_nodes); ++i) {
        const abi::FrameNodeInfo& node = info.nodes[i];
        frames.nodes.push_back(
            {.id = node.id,
             .frames_total = node.frames_total,
             .frames_free = node.frames_free,
             .metadata_bytes = node.metadata_bytes,
             .free_blocks = {std::begin(node.free_blocks), std::end(node.free_blocks)}});
    }
    return frames;
}

// Figures whose names end in _bytes are bytes, the others are counts.
std::vector<std::pair<std::string, uint64_t>> memory_of(const trace::KernelView& view) {
    const abi::MemoryEvents events = view.memory_events();
    const abi::PressureInfo info = view.pressure();
    const abi::SwapFigures& swap = info.swap;
    return {{"faults_zero", events.faults_zero},
            {"faults_file", events.faults_file},
            {"faults_copy", events.faults_copy},
            {"faults_present", events.faults_present},
            {"faults_swap", events.faults_swap},
            {"faults_huge", events.faults_huge},
            {"promotions", events.promotions},
            {"splits", events.splits},
            {"direct_reclaims", info.direct_reclaims},
            {"background_reclaims", info.background_reclaims},
            {"pages_hidden", info.pages_hidden},
            {"pages_dropped", info.pages_dropped},
            {"pages_swapped_out", info.pages_swapped_out},
            {"pages_swapped_in", info.pages_swapped_in},
            {"pages_moved", info.pages_moved},
            {"blocks_made", info.blocks_made},
            {"balloon_requests", info.balloon_requests},
            {"balloon_wanted", info.balloon_wanted},
            {"balloon_taken", info.balloon_taken},
            {"balloon_forced", info.balloon_forced},
            {"out_of_memory_ends", info.out_of_memory_ends},
            {"swap_zero", swap.pages_zero},
            {"swap_compressed", swap.pages_memory},
            {"swap_on_device", swap.pages_device},
            {"swap_compressed_bytes", swap.compressed_bytes},
            {"swap_frames", swap.frames},
            {"swap_stored", swap.stored},
            {"swap_loaded", swap.loaded},
            {"swap_refused", swap.refused},
            {"swap_device_reads", swap.device_reads},
            {"swap_device_writes", swap.device_writes},
            {"swap_device_errors", swap.device_errors},
            {"swap_moved", swap.moved}};
}

KernelHeap kernel_heap_of(const trace::KernelView& view) {
    const abi::HeapInfo info = view.heap();
    return {.allocator = text_of(info.allocator),
            .debug = info.debug != 0,
            .frames = info.frames,
            .objects = info.objects,
            .bytes = info.bytes,
            .shown_ns = view.nanoseconds(info.shown_ticks)};
}

std::vector<double> averages_of(const uint32_t (&averages)[abi::load_windows]) {
    std::vector<double> result;
    for (const uint32_t average : averages) {
        result.push_back(static_cast<double>(average) / abi::load_one);
    }
    return result;
}

Schedule schedule_of(const trace::KernelView& view) {
    constexpr double whole_cpu = 1 << 20;  // CpuLoad::reserved_share
    const abi::ScheduleInfo info = view.schedule();
    const auto pressure_of = [&](const abi::Pressure& pressure) {
        return Pressure{view.nanoseconds(pressure.total), averages_of(pressure.averages)};
    };
    Schedule schedule{text_of(info.policy), {}, pressure_of(info.some), pressure_of(info.full)};
    for (uint32_t cpu = 0; cpu < view.cpus_present(); ++cpu) {
        const abi::CpuLoad& load = info.cpus[cpu];
        schedule.cpus.push_back({.online = load.online != 0,
                                 .isolated = load.isolated != 0,
                                 .runnable = load.runnable,
                                 .averages = averages_of(load.averages),
                                 .reserved = load.reserved_share / whole_cpu,
                                 .runnable_ns = view.nanoseconds(load.busy),
                                 .stolen = load.stolen});
    }
    return schedule;
}

}  // namespace

Kernel snapshot(const std::optional<trace::KernelView>& view, uint64_t trace_lost) {
    Kernel kernel;
    if (!view) return kernel;
    kernel.present = true;
    kernel.state = abi::kernel_state_name(view->state());
    kernel.timer_frequency = view->timer_frequency();
    kernel.power_off_code = view->power_off_code();
    kernel.frames_total = view->frames_total();
    kernel.frames_free = view->frames_free();
    kernel.fault_count = view->fault_count();
    kernel.holds = view->holds();
    kernel.trace_lost = trace_lost;
    if (kernel.timer_frequency == 0) return kernel;  // too early for any time

    kernel.boot_ns = view->nanoseconds(view->boot_ticks());
    kernel.init_ns = view->nanoseconds(view->init_ticks());
    kernel.hold_ns = view->nanoseconds(view->hold_ticks());
    kernel.page_frames = page_frames_of(*view);
    kernel.memory = memory_of(*view);
    kernel.kernel_heap = kernel_heap_of(*view);
    kernel.schedule = schedule_of(*view);
    for (const abi::CpuInfo& info : view->cpus()) kernel.cpus.push_back(cpu_of(*view, info));
    for (const trace::Task& task : view->tasks()) kernel.tasks.push_back(task_of(*view, task));
    for (const trace::Container& container : view->containers()) {
        kernel.containers.push_back(container_of(*view, container));
    }
    const trace::Disassembler disassembler;
    for (const trace::Fault& fault : view->faults()) {
        kernel.faults.push_back(fault_of(*view, disassembler, fault));
    }
    if (const auto epitaph = view->epitaph()) {
        kernel.epitaph = Epitaph{epitaph->cpu,
                                 epitaph->thread,
                                 view->nanoseconds(epitaph->ticks),
                                 text_of(epitaph->file),
                                 epitaph->line,
                                 text_of(epitaph->message),
                                 {std::begin(epitaph->values), std::end(epitaph->values)}};
    }
    return kernel;
}

}  // namespace orrery::module
