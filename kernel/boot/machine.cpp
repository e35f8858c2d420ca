// SPDX-License-Identifier: Apache-2.0
// From the device tree to a MachineDescription. Bindings are those of the Devicetree Specification
// and of the Linux kernel's documentation: arm,gic, arm,armv8-timer, arm,pl011, arm,psci, arm,scmi,
// arm,mhu-doorbell.
#include "kernel/boot/machine.hpp"

#include "kernel/boot/nodes.hpp"

namespace kernel {
namespace {

using Node = DeviceTree::Node;

constexpr uint64_t page = hal::page_size;

// INTID of an interrupt specifier of the GIC binding: (type, number, flags). 0 if there is none or
// no GICv2 has it.
uint32_t interrupt_id(const Property& interrupts, uint32_t index) {
    constexpr uint32_t first_private = 16;
    constexpr uint32_t first_shared = 32;
    constexpr uint32_t last = 1019;
    if (interrupts.size / 12 <= index) return 0;
    const bool is_private = interrupts.cell(index * 3) == 1;
    const uint32_t number = interrupts.cell(index * 3 + 1);
    const uint32_t first = is_private ? first_private : first_shared;
    return number <= last - first ? number + first : 0;
}

Node find_any(const DeviceTree& tree, const std::string_view (&names)[3]) {
    for (const std::string_view name : names) {
        if (const Node node = tree.find_compatible(name); node.valid()) return node;
    }
    return {};
}

// A node is in use unless its status says otherwise.
bool enabled(const DeviceTree& tree, const Node& node) {
    const Property status = tree.property(node, "status");
    return !status.present() || status.text() == "okay" || status.text() == "ok";
}

void find_memory(const DeviceTree& tree, MachineDescription& machine) {
    tree.for_each_node([&](const Node& node, std::string_view) {
        if (tree.property(node, "device_type").text() != "memory") return true;
        if (!enabled(tree, node)) return true;
        uint64_t begin = 0;
        uint64_t size = 0;
        for (uint32_t i = 0; tree.reg(node, i, begin, size); ++i) {
            if (machine.bank_count == MachineDescription::max_banks) return false;
            if (begin > UINT64_MAX - page || size > UINT64_MAX - begin) continue;
            const FrameRange bank{(begin + page - 1) & ~(page - 1), (begin + size) & ~(page - 1)};
            if (bank.begin >= bank.end) continue;
            machine.bank_ids[machine.bank_count] = tree.property(node, "numa-node-id").cell(0);
            machine.banks[machine.bank_count++] = bank;
        }
        return true;
    });
}

void reserve(MachineDescription& machine, uint64_t begin, uint64_t size) {
    if (size == 0) return;
    if (machine.reserved_count == MachineDescription::max_reserved) {
        machine.missing = "room for so many reserved ranges";
        return;
    }
    // A range that would wrap around reaches to the last frame that an address can name.
    const bool wraps = begin > UINT64_MAX - page || size > UINT64_MAX - page - begin;
    const uint64_t end = wraps ? UINT64_MAX : begin + size + page - 1;
    machine.reserved[machine.reserved_count++] = FrameRange{begin & ~(page - 1), end & ~(page - 1)};
}

void find_reservations(const DeviceTree& tree, MachineDescription& machine) {
    uint64_t begin = 0;
    uint64_t size = 0;
    for (uint32_t i = 0; tree.reservation(i, begin, size); ++i) reserve(machine, begin, size);
    const Node parent = tree.find_path("/reserved-memory");
    if (!parent.valid()) return;
    bool inside = false;
    tree.for_each_node([&](const Node& node, std::string_view) {
        if (inside && node.depth <= parent.depth) return false;
        for (uint32_t i = 0; inside && tree.reg(node, i, begin, size); ++i) {
            reserve(machine, begin, size);
        }
        inside = inside || node.offset == parent.offset;
        return true;
    });
}

// What follows the handle of SCMI's performance protocol in the CPU's `performance-domains`, or, as
// older trees have it, in its `clocks`.
uint32_t performance_domain(const DeviceTree& tree, const Node& cpu) {
    constexpr uint64_t performance_protocol = 0x13;
    for (const std::string_view name : {"performance-domains", "clocks"}) {
        const Property value = tree.property(cpu, name);
        if (value.size != 8) continue;
        const Node provider = tree.find_handle(value.cell(0));
        if (!tree.name(provider).starts_with("protocol@")) continue;
        uint64_t protocol = 0;
        uint64_t none = 0;
        if (!tree.reg(provider, 0, protocol, none)) continue;
        if (protocol == performance_protocol) return value.cell(1);
    }
    return MachineDescription::no_domain;
}

void find_cpus(const DeviceTree& tree, MachineDescription& machine) {
    tree.for_each_node([&](const Node& node, std::string_view) {
        if (tree.property(node, "device_type").text() != "cpu") return true;
        if (!enabled(tree, node)) return true;
        if (machine.cpu_count == hal::max_cpus) return false;
        uint64_t id = 0;
        uint64_t none = 0;  // CPUs have an address, but no size
        if (!tree.reg(node, 0, id, none)) return true;
        machine.cpu_node_ids[machine.cpu_count] = tree.property(node, "numa-node-id").cell(0);
        machine.cpu_capacities[machine.cpu_count] =
            tree.property(node, "capacity-dmips-mhz").cell(0);
        machine.cpu_domains[machine.cpu_count] = performance_domain(tree, node);
        machine.cpu_ids[machine.cpu_count++] = id;
        return true;
    });
    const Node psci = find_any(tree, {"arm,psci-1.0", "arm,psci-0.2", "arm,psci"});
    const std::string_view method = tree.property(psci, "method").text();
    if (method == "hvc") machine.conduit = hal::PowerConduit::Hypervisor;
    if (method == "smc") machine.conduit = hal::PowerConduit::SecureMonitor;
}

bool find_interrupts(const DeviceTree& tree, MachineDescription& machine) {
    const Node gic = find_any(tree, {"arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic"});
    uint64_t size = 0;
    if (!tree.reg(gic, 0, machine.gic_distributor, size)) return false;
    if (!tree.reg(gic, 1, machine.gic_cpu_interface, size)) return false;
    return true;
}

bool find_timer(const DeviceTree& tree, MachineDescription& machine) {
    constexpr uint32_t virtual_timer = 2;  // secure, non-secure, virtual, hypervisor
    const Property interrupts =
        tree.property(tree.find_compatible("arm,armv8-timer"), "interrupts");
    machine.timer_interrupt = interrupt_id(interrupts, virtual_timer);
    return machine.timer_interrupt != 0;
}

bool find_uart(const DeviceTree& tree, MachineDescription& machine) {
    const Node chosen = tree.find_path("/chosen");
    std::string_view path = tree.property(chosen, "stdout-path").text();
    path = path.substr(0, path.find(':'));  // options such as 115200n8 follow
    Node uart;
    if (path.starts_with('/')) uart = tree.find_path(path);
    if (!tree.property(uart, "compatible").lists("arm,pl011")) {
        uart = tree.find_compatible("arm,pl011");
    }
    uint64_t size = 0;
    if (!tree.reg(uart, 0, machine.uart, size)) return false;
    machine.uart_interrupt = interrupt_id(tree.property(uart, "interrupts"), 0);
    const Node clock = tree.find_handle(tree.property(uart, "clocks").cell(0));
    machine.uart_clock = tree.property(clock, "clock-frequency").number();
    return machine.uart_interrupt != 0;
}

// The node around `child`; invalid for the root.
Node parent_of(const DeviceTree& tree, const Node& child) {
    Node parent;
    tree.for_each_node([&](const Node& node, std::string_view) {
        if (node.offset >= child.offset) return false;
        if (node.depth + 1 == child.depth) parent = node;
        return true;
    });
    return parent;
}

// The address of a node inside a bus, which its parent's `ranges` translates; false when no range
// holds it.
bool translate(const DeviceTree& tree, const Node& node, uint64_t& address, uint64_t size) {
    const Node bus = parent_of(tree, node);
    const Property ranges = tree.property(bus, "ranges");
    if (!ranges.present() || ranges.size == 0) return ranges.present();
    const uint32_t cells = node.address_cells + bus.address_cells + node.size_cells;
    if (bus.address_cells > 2 || cells == 0) return false;
    for (uint32_t at = 0; at + cells <= ranges.size / 4; at += cells) {
        const uint64_t inner = ranges.number(at, node.address_cells);
        const uint64_t outer = ranges.number(at + node.address_cells, bus.address_cells);
        const uint64_t length =
            ranges.number(at + node.address_cells + bus.address_cells, node.size_cells);
        if (address < inner || size > length || address - inner > length - size) continue;
        address = outer + (address - inner);
        return true;
    }
    return false;
}

// SCMI over the first mailbox and the first shared memory that its node names.
void find_scmi(const DeviceTree& tree, MachineDescription& machine) {
    const Node scmi = tree.find_compatible("arm,scmi");
    const Property mailboxes = tree.property(scmi, "mboxes");
    const Node mailbox = tree.find_handle(mailboxes.cell(0));
    const Node shared = tree.find_handle(tree.property(scmi, "shmem").cell(0));
    ScmiDescription found;
    uint64_t size = 0;
    if (!scmi.valid() || !enabled(tree, scmi)) return;
    if (!tree.property(mailbox, "compatible").lists("arm,mhu-doorbell")) return;
    if (!tree.reg(mailbox, 0, found.mailbox, size)) return;
    if (!tree.property(shared, "compatible").lists("arm,scmi-shmem")) return;
    if (!tree.reg(shared, 0, found.shared_memory, found.shared_size)) return;
    if (!translate(tree, shared, found.shared_memory, found.shared_size)) return;
    found.channel = mailboxes.cell(1);
    found.doorbell = mailboxes.cell(2);
    machine.scmi = found;
}

void find_chosen(const DeviceTree& tree, MachineDescription& machine) {
    const Node chosen = tree.find_path("/chosen");
    machine.command_line = tree.property(chosen, "bootargs").text();
    machine.random_seed = tree.property(chosen, "rng-seed");
    const uint64_t begin = tree.property(chosen, "linux,initrd-start").number();
    const uint64_t end = tree.property(chosen, "linux,initrd-end").number();
    if (begin < end) machine.archive = FrameRange{begin, end};
}

}  // namespace

bool MachineDescription::has_memory_in(const FrameRange& range) const {
    const auto overlaps = [&range](const FrameRange& other) {
        return range.begin < other.end && other.begin < range.end;
    };
    for (unsigned i = 0; i < bank_count; ++i) {
        if (overlaps(banks[i])) return true;
    }
    for (unsigned i = 0; i < reserved_count; ++i) {
        if (overlaps(reserved[i])) return true;
    }
    return false;
}

Status describe_machine(const DeviceTree& tree, MachineDescription& machine) {
    find_memory(tree, machine);
    find_reservations(tree, machine);
    find_cpus(tree, machine);
    if (!find_nodes(tree, machine)) machine.missing = "room for so many NUMA nodes";
    find_scmi(tree, machine);
    find_chosen(tree, machine);
    if (!find_uart(tree, machine)) machine.missing = "a PL011 (arm,pl011) for the console";
    if (!find_interrupts(tree, machine)) machine.missing = "a GICv2 (arm,gic-400)";
    if (!find_timer(tree, machine)) machine.missing = "the generic timer (arm,armv8-timer)";
    if (machine.cpu_count == 0) machine.missing = "CPUs";
    if (machine.bank_count == 0) machine.missing = "memory";
    return machine.missing == nullptr ? Status::Ok : Status::NotFound;
}

}  // namespace kernel
