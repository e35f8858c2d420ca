// SPDX-License-Identifier: Apache-2.0
// Boot-time readers on the host: the device tree of the phone.
#include <benchmark/benchmark.h>

#include "kernel/boot/machine.hpp"
#include "sim/phone/device_tree.hpp"

namespace {

void describe_machine(benchmark::State& state) {
    const auto blob = orrery::phone::make_device_tree(
        orrery::phone::machine_by_name("phone8"),
        {.command_line = "init=bin/init", .archive_begin = 0, .archive_end = 0, .seed = 0});
    for (auto _ : state) {
        kernel::DeviceTree tree;
        kernel::MachineDescription machine;
        benchmark::DoNotOptimize(tree.open(blob.data(), blob.size()));
        benchmark::DoNotOptimize(kernel::describe_machine(tree, machine));
    }
}
BENCHMARK(describe_machine);

}  // namespace
