// SPDX-License-Identifier: Apache-2.0
// System calls on the console, time and the machine as a whole.
#include "kernel/kernel.hpp"
#include "kernel/trap/power.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

}  // namespace

void null(Call& call) {
    call.finish(Status::Ok);
}

void unknown(Call& call) {
    call.finish(Status::UnknownCall);
}

void clock_now(Call& call) {
    call.finish(uptime());
}

void cpu_number(Call& call) {
    call.finish(uint64_t{hal::Machine::cpu_index()});
}

void console_write(Call& call) {
    char text[abi::console_chunk];
    const uint64_t size = smaller(call.argument(1), sizeof text);
    const Status status = call.task().space.read(text, call.argument(0), size);
    if (status != Status::Ok) return call.finish(status);
    Kernel& k = kernel();
    if (k.console.try_write({text, size})) return call.finish(size);
    // The line is slower than the program: try again when half the ring may have left.
    constexpr uint64_t pause = 5'000'000;  // nanoseconds
    const uint64_t until = hal::Machine::counter() + ticks_of(pause);
    const LockGuard guard(k.scheduler.lock());
    if (call.ending()) return;
    call.repeat();
    k.scheduler.sleep_current(until);
}

void console_read(Call& call) {
    Kernel& k = kernel();
    char text[abi::console_chunk];
    const uint64_t size = smaller(call.argument(1), sizeof text);
    if (size == 0) return call.finish(uint64_t{0});
    // Refuse a bad buffer before waiting for input that would then be lost.
    Status status = call.task().space.check_writable(call.argument(0), size);
    if (status != Status::Ok) return call.finish(status);
    {
        const LockGuard guard(k.scheduler.lock());
        if (call.ending()) return;
        if (!k.console.has_input()) {
            call.repeat();
            return k.scheduler.wait_for_console();
        }
    }
    const uint64_t count = k.console.read(text, size);
    if (count == 0) {  // another reader was faster
        call.repeat();
        return;
    }
    status = call.task().space.write(call.argument(0), text, count);
    if (status != Status::Ok) return call.finish(status);
    call.finish(count);
}

void system_info(Call& call) {
    Kernel& k = kernel();
    abi::SystemInfo info{};
    info.cpus_present = k.info.cpus_present;
    for (const abi::CpuInfo& cpu : k.info.cpus) info.cpus_online += cpu.online;
    info.frames_total = k.frames.total_frames();
    info.frames_free = k.frames.free_frames();
    info.tasks = k.tasks.task_count();
    info.threads = k.tasks.thread_count();
    call.finish(call.task().space.write(call.argument(0), &info, sizeof info));
}

void power_off(Call& call) {
    kernel::power_off(static_cast<int64_t>(call.argument(0)));
}

}  // namespace kernel::calls
