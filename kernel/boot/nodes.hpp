// SPDX-License-Identifier: Apache-2.0
// NUMA nodes of the device tree, after the Linux kernel's binding "NUMA" (numa.txt):
// `numa-node-id` of memory and CPUs, and `numa-distance-map-v1`.
#pragma once

#include "kernel/boot/machine.hpp"

namespace kernel {

// Makes indices of the ids of banks and CPUs, and reads the distances. False when more nodes have
// memory than MachineDescription::max_nodes.
[[nodiscard]] bool find_nodes(const DeviceTree& tree, MachineDescription& machine);

}  // namespace kernel
