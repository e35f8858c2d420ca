// SPDX-License-Identifier: Apache-2.0
// first_light: hashes every file of the archive, with one pinned worker task on each online CPU.
#include "user/lib/archive.hpp"
#include "user/lib/task.hpp"

namespace user {

namespace {

constexpr std::string_view worker = "bin/hash_worker";
constexpr uint32_t most_workers = 64;

bool worker_succeeded(uint32_t index, Result<uint32_t> task) {
    if (!task) {
        print("first_light: worker {} not started: {}\n", index, task.status());
        return false;
    }
    const auto result = system::wait_task(*task);
    if (!result) {
        print("first_light: worker {} not waited for: {}\n", index, result.status());
        return false;
    }
    if (result->reason == abi::EndReason::Exited && result->exit_code == 0) return true;
    print_end("first_light: ", Text<64>("worker {}", index).view(), *result);
    return false;
}

}  // namespace

int user_main(std::string_view) {
    const auto info = system::system_info();
    const auto bytes = system::map_archive();
    if (!info || !bytes) {
        print("first_light: system info: {}, archive: {}\n", info.status(), bytes.status());
        return 1;
    }
    const auto files = Archive(*bytes).count();
    if (!files) {
        print("first_light: archive: {}\n", files.status());
        return 1;
    }

    const uint32_t count = info->cpus_online < most_workers ? info->cpus_online : most_workers;
    uint32_t tasks[most_workers] = {};
    Status started[most_workers] = {};
    for (uint32_t index = 0; index < count; ++index) {
        const Text<32> arguments("{} {}", index, count);
        const auto task = system::spawn_task(worker, arguments.view(), uint64_t{1} << index);
        started[index] = task.status();
        if (task) tasks[index] = *task;
    }

    uint32_t failed = 0;
    for (uint32_t index = 0; index < count; ++index) {
        const bool ok = started[index] == Status::Ok;
        const Result<uint32_t> task = ok ? Result(tasks[index]) : Result<uint32_t>(started[index]);
        if (!worker_succeeded(index, task)) ++failed;
    }
    if (failed != 0 || count == 0) {
        print("first_light: {} workers, {} files, {} failed\n", count, *files, failed);
        return 1;
    }
    print("first_light: {} workers, {} files, ok\n", count, *files);
    return 0;
}

}  // namespace user
