// SPDX-License-Identifier: Apache-2.0
// NUMA nodes of the device tree.
#include "kernel/boot/nodes.hpp"

namespace kernel {
namespace {

constexpr unsigned absent = MachineDescription::max_nodes;

unsigned index_of(const MachineDescription& machine, uint32_t id) {
    for (unsigned node = 0; node < machine.node_count; ++node) {
        if (machine.node_ids[node] == id) return node;
    }
    return absent;
}

// Ids in ascending order, each once.
bool add_node(MachineDescription& machine, uint32_t id) {
    if (index_of(machine, id) != absent) return true;
    if (machine.node_count == MachineDescription::max_nodes) return false;
    unsigned at = machine.node_count++;
    for (; at > 0 && machine.node_ids[at - 1] > id; --at) {
        machine.node_ids[at] = machine.node_ids[at - 1];
    }
    machine.node_ids[at] = id;
    return true;
}

// Triples (from, to, distance). A distance that is given in one direction holds for both, unless
// the other is given as well.
void read_distances(const DeviceTree& tree, MachineDescription& machine) {
    const Property matrix =
        tree.property(tree.find_compatible("numa-distance-map-v1"), "distance-matrix");
    bool given[absent][absent] = {};
    for (uint32_t at = 0; at + 3 <= matrix.size / 4; at += 3) {
        const unsigned from = index_of(machine, matrix.cell(at));
        const unsigned to = index_of(machine, matrix.cell(at + 1));
        if (from == absent || to == absent) continue;
        machine.distances[from][to] = matrix.cell(at + 2);
        given[from][to] = true;
        if (!given[to][from]) machine.distances[to][from] = matrix.cell(at + 2);
    }
}

}  // namespace

bool find_nodes(const DeviceTree& tree, MachineDescription& machine) {
    for (unsigned bank = 0; bank < machine.bank_count; ++bank) {
        if (!add_node(machine, machine.bank_ids[bank])) return false;
    }
    for (unsigned bank = 0; bank < machine.bank_count; ++bank) {
        machine.bank_nodes[bank] = index_of(machine, machine.bank_ids[bank]);
    }
    for (unsigned cpu = 0; cpu < machine.cpu_count; ++cpu) {
        const unsigned node = index_of(machine, machine.cpu_node_ids[cpu]);
        machine.cpu_nodes[cpu] = node == absent ? 0 : node;
    }
    read_distances(tree, machine);
    return true;
}

}  // namespace kernel
