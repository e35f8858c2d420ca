// SPDX-License-Identifier: Apache-2.0
// Offences of quantity: all memory, all threads, all of a stack, and programs that are none.
#include "user/lib/archive.hpp"
#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/programs/offender.hpp"

namespace user {

namespace {

constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint64_t largest_piece = 16 * 1024 * 1024;
constexpr uint64_t an_hour = 3600ull * 1'000'000'000;

bool is_exhaustion(Status status) {
    return status == Status::NoMemory || status == Status::LimitReached;
}

uint64_t sleep_long(void*) {
    for (;;) system::sleep(an_hour);
}

uint64_t recurse(void*) {
    recurse_without_end();
    return 0;
}

}  // namespace

// Large pieces first, as a task has few regions; then ever smaller ones, to the last frame.
int offend_exhaust() {
    uint64_t bytes = 0;
    Status status = Status::Ok;
    for (uint64_t piece = largest_piece; piece >= abi::page_size; piece /= 2) {
        for (;;) {
            const auto memory = system::map_memory(piece, read_write);
            status = memory.status();
            if (!memory) break;
            for (uint64_t offset = 0; offset < piece; offset += abi::page_size) {
                *reinterpret_cast<volatile uint64_t*>(*memory + offset) = offset;
            }
            bytes += piece;
        }
        if (!is_exhaustion(status)) break;
    }
    print("exhaust: {} KiB, then {}\n", bytes / 1024, status);
    return is_exhaustion(status) ? 0 : 1;
}

int offend_threads() {
    for (uint64_t created = 0;; ++created) {
        const auto thread = Thread::create(sleep_long, nullptr, 0, abi::page_size);
        if (thread) continue;
        print("threads: {} created, then {}\n", created, thread.status());
        return is_exhaustion(thread.status()) ? 0 : 1;
    }
}

int offend_thread_stack_overflow() {
    auto thread = Thread::create(recurse, nullptr);
    if (!thread) return 1;
    Thread running = *thread;
    return running.join() ? 99 : 1;
}

// Everything outside bin/: texts, and ELF files broken in one way each.
int offend_bad_image() {
    const auto bytes = system::map_archive();
    if (!bytes) return 1;
    int mismatches = 0;
    int tried = 0;
    Archive::Cursor files = Archive(*bytes).files();
    for (;;) {
        const auto file = files.next();
        if (!file) break;
        if (file->name.starts_with("bin/")) continue;
        ++tried;
        const auto task = system::spawn_task(file->name, {});
        if (task.status() == Status::BadImage) continue;
        ++mismatches;
        print("bad_image: {} gave {}, wanted {}\n", file->name, task.status(), Status::BadImage);
        // Reap what should not have started.
        if (task && system::kill_task(*task) == Status::Ok) {
            static_cast<void>(system::wait_task(*task).status());
        }
    }
    return tried == 0 ? 1 : mismatches;
}

}  // namespace user
