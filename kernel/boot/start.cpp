// SPDX-License-Identifier: Apache-2.0
// The boot sequence: from the device tree to init, in the order in which things need each other.
#include <new>
#include <utility>

#include "kernel/boot/free_memory.hpp"
#include "kernel/boot/page_frames.hpp"
#include "kernel/boot/swap_space.hpp"
#include "kernel/kernel.hpp"
#include "kernel/schedule/policies/policy_choice.hpp"
#include "kernel/trap/lack_of_memory.hpp"

namespace kernel {
namespace {

using hal::Machine;

// Without this the kernel cannot go on, and it is not the kernel's fault.
[[noreturn]] void give_up(const char* why, std::string_view detail) {
    char text[128];
    const size_t length = format(text, sizeof text - 1, "cannot boot: {}{}", why, detail);
    text[length] = '\0';
    log_line({text, length});
    KERNEL_PANIC(text);
}

void open_console() {
    Kernel& k = kernel();
    if (k.machine.uart != 0) {
        (void)k.console.initialise(k.machine.uart, k.machine.uart_clock);
    }
    log("Orrery kernel, {} CPUs, timer {} Hz", k.machine.cpu_count, k.info.timer_frequency);
}

void read_machine(const hal::BootInformation& boot) {
    Kernel& k = kernel();
    DeviceTree tree;
    if (tree.open(boot.device_tree, boot.device_tree_limit) != Status::Ok) {
        give_up("the device tree is broken", "");
    }
    const Status described = describe_machine(tree, k.machine);
    open_console();
    if (described != Status::Ok) give_up("the device tree lacks ", k.machine.missing);
    if (parse_command_line(k.machine.command_line, k.options) != Status::Ok) {
        give_up("the command line has a word that is not understood: ", k.options.bad_word);
    }
}

void set_up_heap() {
    constexpr uint64_t show_interval = 1'000'000;  // nanoseconds
    Kernel& k = kernel();
    k.heap.choose(*find_heap(k.options.kernel_heap), k.frames, k.options.heap_debug);
    k.memory.use_heap(k.heap);
    k.info.heap.debug = k.options.heap_debug ? 1 : 0;
    k.heap.show_in(k.info.heap, ticks_of(show_interval));
}

void add_memory(const hal::BootInformation& boot) {
    Kernel& k = kernel();
    k.memory.set_huge_pages(k.options.huge_pages);
    for (unsigned i = 0; i < k.machine.bank_count; ++i) {
        const FrameRange& bank = k.machine.banks[i];
        if (!Machine::map_memory(bank.begin, bank.end - bank.begin)) {
            give_up("memory that the machine cannot map", "");
        }
    }
    FreeMemory memory(k.machine, boot);

    // The trace rings come first, the strategies get the rest.
    if (k.options.trace || k.options.record_allocations) {
        const uint64_t bytes =
            k.options.trace_records * sizeof(abi::TraceRecord) * k.machine.cpu_count;
        const Result<PhysicalAddress> rings = memory.carve(bytes);
        if (!rings.ok()) give_up("no room for the trace rings", "");
        k.trace.enable(static_cast<abi::TraceRecord*>(Machine::direct(rings.value())),
                       k.options.trace_records, k.machine.cpu_count,
                       {.events = k.options.trace, .frames = k.options.record_allocations});
    }
    if (const char* lacking = reserve_swap_disk(memory)) give_up("there is no ", lacking);
    if (k.options.memory_limit != UINT64_MAX) memory.limit(k.options.memory_limit / hal::page_size);
    if (const char* lacking = set_up_frames(memory)) give_up(lacking, "");
    if (k.options.record_allocations) k.frames.observe(k.allocation_recorder);
    set_up_heap();
    set_up_swap();
    k.containers.set_up(k.heap);
    k.memory.reclaim().tell_stalls(note_stall);
    // Short: each character costs boot time.
    log("memory: {} KiB free of {} KiB, page allocator {}{}", k.frames.free_frames() * 4,
        memory.total_frames() * 4, k.frames.strategy_name(),
        k.options.page_cache ? ", cached" : "");
}

void open_archive() {
    Kernel& k = kernel();
    const FrameRange& range = k.machine.archive;
    bool in_memory = false;
    for (unsigned i = 0; i < k.machine.bank_count; ++i) {
        const FrameRange& bank = k.machine.banks[i];
        in_memory = in_memory || (range.begin >= bank.begin && range.end <= bank.end);
    }
    if (range.begin == range.end) give_up("there is no boot archive (initrd)", "");
    if (!in_memory) give_up("the boot archive (initrd) lies outside memory", "");
    k.archive = Archive(Machine::direct(range.begin), range.end - range.begin);
    uint64_t files = 0;
    if (k.archive.check(files) != Status::Ok) {
        give_up("the boot archive (initrd) is no cpio newc archive, or it is cut off", "");
    }
    log("archive: {} files, {} bytes", files, range.end - range.begin);
}

// Clocks are as the firmware left them unless a platform controls them.
void set_clocks() {
    Kernel& k = kernel();
    const Status found = k.clocks.discover(k.machine);
    if (found == Status::NotFound) {
        log("clocks: no SCMI in the device tree, frequencies are fixed");
        return;
    }
    if (found != Status::Ok) {
        log("clocks: the SCMI platform cannot be used ({}), frequencies are fixed",
            abi::status_name(found));
        return;
    }
    for (uint32_t i = 0; i < k.clocks.count(); ++i) {
        const abi::PerformanceDomain& domain = k.clocks.domain(i);
        const uint32_t wanted = choose_level(domain, boot_clocks(k.options));
        const Status set = k.clocks.set(i, wanted, 0);
        log("clocks: {} {} to {} kHz, {} levels, now {}: {}", std::string_view(domain.name),
            domain.levels[0], domain.levels[domain.level_count - 1], domain.level_count, wanted,
            abi::status_name(set));
    }
}

void enter_cpu() {
    Kernel& k = kernel();
    k.interrupts.initialise_cpu();
    k.interrupts.enable(k.machine.timer_interrupt);
    k.scheduler.cpu_online();
}

void start_cpus(uint64_t boot_id) {
    constexpr uint64_t patience = 1'000'000'000;  // nanoseconds
    Kernel& k = kernel();
    unsigned wanted = 1;
    for (unsigned cpu = 1; cpu < k.machine.cpu_count && cpu < k.options.cpus; ++cpu) {
        if (Machine::start_cpu(cpu, k.machine.cpu_ids[cpu], k.machine.conduit)) {
            ++wanted;
        } else {
            log("CPU {} cannot be started", cpu);
        }
    }
    const uint64_t deadline = Machine::counter() + ticks_of(patience);
    const auto online = [&k] {
        const LockGuard guard(k.scheduler.lock());
        unsigned count = 0;
        for (uint64_t mask = k.scheduler.online_mask(); mask != 0; mask &= mask - 1) ++count;
        return count;
    };
    while (online() < wanted && Machine::counter() < deadline) Machine::relax();
    log("CPUs online: {} of {}, boot CPU id {x}", online(), k.machine.cpu_count, boot_id);
}

void start_init() {
    Kernel& k = kernel();
    const Result<NewObject> init = spawn({.container = k.containers.root().id,
                                          .path = k.options.init,
                                          .arguments = k.options.init_arguments});
    if (!init.ok()) {
        char text[128];
        const size_t length = format(text, sizeof text - 1, "cannot start {}: {}", k.options.init,
                                     abi::status_name(init.status()));
        text[length] = '\0';
        log_line({text, length});
        KERNEL_PANIC(text);
    }
}

// The boot CPU's id goes first: CPU indices are the kernel's own, and 0 is where it started.
void order_cpus(uint64_t boot_id) {
    MachineDescription& machine = kernel().machine;
    for (unsigned i = 1; i < machine.cpu_count; ++i) {
        if (machine.cpu_ids[i] != boot_id) continue;
        machine.cpu_ids[i] = machine.cpu_ids[0];
        machine.cpu_ids[0] = boot_id;
        std::swap(machine.cpu_capacities[i], machine.cpu_capacities[0]);
        std::swap(machine.cpu_domains[i], machine.cpu_domains[0]);
        std::swap(machine.cpu_nodes[i], machine.cpu_nodes[0]);
    }
}

}  // namespace

hal::UserFrame* entry::boot(const hal::BootInformation& boot) {
    Kernel& k = *new (Machine::kernel_storage()) Kernel;
    k.info.magic = abi::info_magic;
    k.info.version = abi::info_version;
    k.info.size = sizeof(abi::KernelInfo);
    k.info.state = abi::KernelState::Booting;
    k.info.timer_frequency = Machine::counter_frequency();
    k.info.boot_ticks = Machine::counter();

    read_machine(boot);
    order_cpus(boot.hardware_id);
    k.info.cpus_present = k.machine.cpu_count;
    k.random.seed(k.machine.random_seed.data, k.machine.random_seed.size);
    k.holds_wanted = k.options.hold_nanoseconds != 0;
    k.info.hold_at = ticks_of(k.options.hold_nanoseconds);
    k.scheduler.initialise(*find_policy(k.options.scheduler),
                           {.isolated_cpus = k.options.isolated_cpus,
                            .input_boost = ticks_of(k.options.input_boost_milliseconds * 1'000'000),
                            .preempts_kernel = k.options.kernel_preemption});
    add_memory(boot);
    open_archive();
    if (k.interrupts.initialise(k.machine.gic_distributor, k.machine.gic_cpu_interface) !=
        Status::Ok) {
        give_up("the interrupt controller is no GICv2", "");
    }
    enter_cpu();
    k.interrupts.enable(k.machine.uart_interrupt);
    k.console.enable_interrupts();
    set_clocks();
    k.energy.initialise(k.machine, k.clocks, k.options);
    start_cpus(boot.hardware_id);
    start_init();
    return k.scheduler.run_next();
}

hal::UserFrame* entry::secondary(unsigned) {
    enter_cpu();
    return kernel().scheduler.run_next();
}

}  // namespace kernel
