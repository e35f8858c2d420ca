// SPDX-License-Identifier: Apache-2.0
// kernel_load WORKLOAD ROUNDS: runs one workload and prints its checksum.
#include "user/programs/kernel_load.hpp"

#include "user/lib/console.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

const KernelWorkload* find(std::string_view name) {
    for (const auto& all : {developed_workloads(), held_out_workloads()}) {
        for (const KernelWorkload& workload : all) {
            if (workload.name == name) return &workload;
        }
    }
    return nullptr;
}

}  // namespace

int user_main(std::string_view arguments) {
    const std::string_view name = take_word(arguments);
    const auto rounds = parse_number(take_word(arguments));
    const KernelWorkload* workload = find(name);
    if (workload == nullptr || !rounds) {
        print("kernel_load: usage: kernel_load WORKLOAD ROUNDS; workloads:");
        for (const auto& all : {developed_workloads(), held_out_workloads()}) {
            for (const KernelWorkload& each : all) print(" {}", each.name);
        }
        print("\n");
        return 2;
    }
    print("kernel_load: checksum={}\n", workload->run(*rounds));
    return 0;
}

}  // namespace user
