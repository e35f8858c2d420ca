// SPDX-License-Identifier: Apache-2.0
// kernel_load WORKLOAD ROUNDS [CPU]: runs one workload, on CPU 0 or another, and prints its
// checksum. Without rounds it says nothing: it is only loaded.
#include "user/programs/kernel_load.hpp"

#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"

namespace user {
namespace {

using WorkloadList = std::span<const KernelWorkload> (*)();

constexpr WorkloadList workload_lists[] = {
    developed_workloads, more_developed_workloads, held_out_memory, held_out_calls,
    held_out_threads,    held_out_tasks,           task_parts,
};

struct Job {
    const KernelWorkload* workload;
    uint64_t rounds;
};

uint64_t run(void* argument) {
    const Job& job = *static_cast<const Job*>(argument);
    return job.workload->run(job.rounds);
}

const KernelWorkload* find(std::string_view name) {
    for (const auto list : workload_lists) {
        for (const KernelWorkload& workload : list()) {
            if (workload.name == name) return &workload;
        }
    }
    return nullptr;
}

}  // namespace

uint64_t workload_cpu_mask = 1;

int user_main(std::string_view arguments) {
    const std::string_view name = take_word(arguments);
    const auto rounds = parse_number(take_word(arguments));
    const std::string_view where = take_word(arguments);
    const auto cpu = where.empty() ? Result<uint64_t>(uint64_t{0}) : parse_number(where);
    const KernelWorkload* workload = find(name);
    if (workload == nullptr || !rounds || !cpu || *cpu >= 64) {
        print("kernel_load: usage: kernel_load WORKLOAD ROUNDS [CPU]; workloads:");
        for (const auto list : workload_lists) {
            for (const KernelWorkload& each : list()) print(" {}", each.name);
        }
        print("\n");
        return 2;
    }
    if (*rounds == 0) return 0;
    workload_cpu_mask = 1ULL << *cpu;
    Job job{workload, *rounds};
    const auto thread = Thread::create(run, &job, workload_cpu_mask);
    if (!thread) {
        print("kernel_load: there is no CPU {}\n", *cpu);
        return 2;
    }
    Thread started = *thread;
    const auto checksum = started.join();
    print("kernel_load: checksum={}\n", checksum ? *checksum : 0);
    return 0;
}

}  // namespace user
