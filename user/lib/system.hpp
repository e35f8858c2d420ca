// SPDX-License-Identifier: Apache-2.0
// System calls, typed: one thin function each, above the one place that enters the kernel.
#pragma once

#include <atomic>
#include <span>
#include <string_view>

#include "kernel/abi/message.hpp"
#include "kernel/abi/right.hpp"
#include "kernel/abi/syscall.hpp"
#include "user/lib/result.hpp"

namespace user {

namespace abi = kernel::abi;

// The program itself, in its own file.
int user_main(std::string_view arguments);

}  // namespace user

namespace user::system {

// What the kernel left in x0 and x1: a value or, below zero, a Status; and a second value.
struct RawResult {
    int64_t value;
    uint64_t second;

    Status status() const { return value < 0 ? static_cast<Status>(value) : Status::Ok; }
};

// Any system call with any arguments, the wrong ones included.
inline RawResult call(uint64_t number, uint64_t a0 = 0, uint64_t a1 = 0, uint64_t a2 = 0,
                      uint64_t a3 = 0, uint64_t a4 = 0, uint64_t a5 = 0) {
    register uint64_t x0 asm("x0") = a0;
    register uint64_t x1 asm("x1") = a1;
    register uint64_t x2 asm("x2") = a2;
    register uint64_t x3 asm("x3") = a3;
    register uint64_t x4 asm("x4") = a4;
    register uint64_t x5 asm("x5") = a5;
    register uint64_t x8 asm("x8") = number;
    asm volatile("svc #0"
                 : "+r"(x0), "+r"(x1)
                 : "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
                 : "memory");
    return {static_cast<int64_t>(x0), x1};
}

inline RawResult call(abi::SystemCall number, uint64_t a0 = 0, uint64_t a1 = 0, uint64_t a2 = 0,
                      uint64_t a3 = 0, uint64_t a4 = 0, uint64_t a5 = 0) {
    return call(static_cast<uint64_t>(number), a0, a1, a2, a3, a4, a5);
}

inline uint64_t address_of(const void* pointer) {
    return reinterpret_cast<uint64_t>(pointer);
}

template <typename T>
Result<T> to_result(RawResult raw) {
    if (raw.value < 0) return raw.status();
    return static_cast<T>(raw.value);
}

inline Status null() {
    return call(abi::SystemCall::Null).status();
}

[[noreturn]] inline void exit_task(int code) {
    for (;;) call(abi::SystemCall::TaskExit, static_cast<uint64_t>(code));
}

// By the name of a thread, or of a task for all of its threads.
inline Status suspend_threads(uint32_t name) {
    return call(abi::SystemCall::ThreadSuspend, name).status();
}

inline Status resume_threads(uint32_t name) {
    return call(abi::SystemCall::ThreadResume, name).status();
}

// The port is told of exceptions of a thread, or of a task; 0: none is.
[[nodiscard]] inline Status bind_exceptions(uint32_t name, uint32_t port) {
    return call(abi::SystemCall::ExceptionBind, name, port).status();
}

inline Status read_thread(uint32_t thread, abi::GeneralRegisters& registers) {
    return call(abi::SystemCall::ThreadRead, thread,
                static_cast<uint64_t>(abi::RegisterSet::General), address_of(&registers))
        .status();
}

inline Status write_thread(uint32_t thread, const abi::GeneralRegisters& registers) {
    return call(abi::SystemCall::ThreadWrite, thread,
                static_cast<uint64_t>(abi::RegisterSet::General), address_of(&registers))
        .status();
}

[[noreturn]] inline void exit_thread(uint64_t value) {
    for (;;) call(abi::SystemCall::ThreadExit, value);
}

inline void yield() {
    call(abi::SystemCall::ThreadYield);
}

inline void sleep(uint64_t nanoseconds) {
    call(abi::SystemCall::ThreadSleep, nanoseconds);
}

// Nanoseconds since boot.
inline uint64_t clock_now() {
    return static_cast<uint64_t>(call(abi::SystemCall::ClockNow).value);
}

using ThreadEntry = void (*)(void* argument);

// Its name.
[[nodiscard]] inline Result<uint32_t> create_thread(ThreadEntry entry, void* stack_top,
                                                    void* argument, uint64_t cpu_mask) {
    return to_result<uint32_t>(call(abi::SystemCall::ThreadCreate,
                                    reinterpret_cast<uint64_t>(entry), address_of(stack_top),
                                    address_of(argument), cpu_mask));
}

// The value that the thread ended with. Its name is used up.
[[nodiscard]] inline Result<uint64_t> join_thread(uint32_t thread) {
    const RawResult raw = call(abi::SystemCall::ThreadJoin, thread);
    if (raw.value < 0) return raw.status();
    return raw.second;
}

// A deadline that never comes.
constexpr uint64_t no_deadline = abi::wait_forever;

// Waits until somebody wakes the word, unless it is not `expected` any more (WouldBlock), or until
// the deadline, in nanoseconds since boot (TimedOut).
inline Status futex_wait(const std::atomic<uint32_t>& word, uint32_t expected,
                         uint64_t deadline = no_deadline) {
    return call(abi::SystemCall::FutexWait, address_of(&word), expected, deadline).status();
}

// Up to `count` threads that wait on the word; returns how many there were.
inline uint64_t futex_wake(const std::atomic<uint32_t>& word, uint64_t count) {
    const RawResult raw = call(abi::SystemCall::FutexWake, address_of(&word), count);
    return raw.value < 0 ? 0 : static_cast<uint64_t>(raw.value);
}

// The same for the word of a lock, which says who holds it (abi::lock_holder): that thread is lent
// what the caller may have of CPUs.
inline Status lock_wait(const std::atomic<uint32_t>& word, uint32_t expected,
                        uint64_t deadline = no_deadline) {
    return call(abi::SystemCall::LockWait, address_of(&word), expected, deadline).status();
}

// Of those who wait for a lock, the one that goes first at a CPU.
inline void lock_wake(const std::atomic<uint32_t>& word) {
    call(abi::SystemCall::LockWake, address_of(&word));
}

// The caller's id.
inline uint32_t thread_number() {
    return static_cast<uint32_t>(call(abi::SystemCall::ThreadNumber).value);
}

// Zeroed memory of whole pages; at a place of the kernel's choice unless `address` names one.
[[nodiscard]] inline Result<uint64_t> map_memory(uint64_t size, uint32_t protection,
                                                 uint64_t address = 0) {
    return to_result<uint64_t>(call(abi::SystemCall::MemoryMap, size, protection, address));
}

inline Status unmap_memory(uint64_t address, uint64_t size) {
    return call(abi::SystemCall::MemoryUnmap, address, size).status();
}

[[nodiscard]] inline Status protect_memory(uint64_t address, uint64_t size, uint32_t protection) {
    return call(abi::SystemCall::MemoryProtect, address, size, protection).status();
}
// Whether the kernel's books on page frames agree; stops all other CPUs while it looks.
[[nodiscard]] inline Result<abi::MemoryAuditReport> audit_memory() {
    abi::MemoryAuditReport report{};
    const RawResult raw = call(abi::SystemCall::MemoryAudit, address_of(&report));
    if (raw.value < 0) return raw.status();
    return report;
}

// Zeroed memory that several tasks can share.
[[nodiscard]] inline Result<uint32_t> create_object(uint64_t size) {
    return to_result<uint32_t>(call(abi::SystemCall::MemoryObjectCreate,
                                    static_cast<uint64_t>(abi::ObjectKind::Anonymous), size));
}

// A file of the boot archive, read-only.
[[nodiscard]] inline Result<uint32_t> open_object(std::string_view path) {
    return to_result<uint32_t>(call(abi::SystemCall::MemoryObjectCreate,
                                    static_cast<uint64_t>(abi::ObjectKind::File),
                                    address_of(path.data()), path.size()));
}

// Registers of a device; needs abi::RightPhysical.
[[nodiscard]] inline Result<uint32_t> create_device_object(uint64_t address, uint64_t size) {
    return to_result<uint32_t>(call(abi::SystemCall::MemoryObjectCreate,
                                    static_cast<uint64_t>(abi::ObjectKind::Physical), address,
                                    size));
}

// A copy on write.
[[nodiscard]] inline Result<uint32_t> copy_object(uint32_t handle) {
    return to_result<uint32_t>(call(abi::SystemCall::MemoryObjectCopy, handle));
}

inline Status close_object(uint32_t handle) {
    return call(abi::SystemCall::MemoryObjectClose, handle).status();
}

[[nodiscard]] inline Result<uint64_t> map_object(const abi::MapArguments& arguments) {
    return to_result<uint64_t>(call(abi::SystemCall::MemoryMapObject, address_of(&arguments)));
}

// All of an object, at a place of the kernel's choice.
[[nodiscard]] inline Result<uint64_t> map_object(uint32_t handle, uint32_t protection,
                                                 uint32_t flags = 0) {
    return map_object(abi::MapArguments{.handle = handle,
                                        .protection = protection,
                                        .flags = flags,
                                        .policy = abi::MemoryPolicy::Local,
                                        .offset = 0,
                                        .size = 0,
                                        .address = 0,
                                        .nodes = 0,
                                        .task = 0});
}

// A copy on write of mapped memory, at a place of the kernel's choice.
[[nodiscard]] inline Result<uint64_t> copy_memory(uint64_t address, uint64_t size) {
    return to_result<uint64_t>(call(abi::SystemCall::MemoryCopy, address, size));
}

inline Status advise_memory(uint64_t address, uint64_t size, abi::MemoryAdvice advice) {
    return call(abi::SystemCall::MemoryAdvise, address, size, static_cast<uint64_t>(advice))
        .status();
}

[[nodiscard]] inline Result<abi::PageInfo> query_memory(uint64_t address) {
    abi::PageInfo info{};
    const RawResult raw = call(abi::SystemCall::MemoryQuery, address, address_of(&info));
    if (raw.value < 0) return raw.status();
    return info;
}

// Bytes taken: all, up to abi::console_chunk.
[[nodiscard]] inline Result<size_t> write_console(std::string_view text) {
    return to_result<size_t>(
        call(abi::SystemCall::ConsoleWrite, address_of(text.data()), text.size()));
}

// Bytes read: waits for the first one.
[[nodiscard]] inline Result<size_t> read_console(std::span<char> buffer) {
    return to_result<size_t>(
        call(abi::SystemCall::ConsoleRead, address_of(buffer.data()), buffer.size()));
}

// A child with rights derived from those named, which it finds by abi::given_name(), and as much of
// this task's own use of the machine as `system` says. The child's name.
[[nodiscard]] inline Result<uint32_t> spawn_task(std::string_view path, std::string_view arguments,
                                                 uint64_t cpu_mask = 0,
                                                 std::span<const uint32_t> objects = {},
                                                 uint32_t system = abi::right_usual_system) {
    const abi::SpawnArguments spawn{
        .path = address_of(path.data()),
        .path_length = path.size(),
        .arguments = address_of(arguments.data()),
        .arguments_length = arguments.size(),
        .cpu_mask = cpu_mask,
        .objects = address_of(objects.data()),
        .object_count = objects.size(),
        .system = system,
    };
    return to_result<uint32_t>(call(abi::SystemCall::TaskSpawn, address_of(&spawn)));
}

// Waits for a task to end, and removes it. Its name is used up.
[[nodiscard]] inline Result<abi::TaskResult> wait_task(uint32_t task) {
    abi::TaskResult result{};
    const RawResult raw = call(abi::SystemCall::TaskWait, task, address_of(&result));
    if (raw.value < 0) return raw.status();
    return result;
}

[[nodiscard]] inline Status kill_task(uint32_t task) {
    return call(abi::SystemCall::TaskKill, task).status();
}

// The initial archive's bytes.
[[nodiscard]] inline Result<std::span<const uint8_t>> map_archive() {
    const RawResult raw = call(abi::SystemCall::ArchiveMap);
    if (raw.value < 0) return raw.status();
    return std::span(reinterpret_cast<const uint8_t*>(raw.value), raw.second);
}

[[nodiscard]] inline Result<abi::SystemInfo> system_info() {
    abi::SystemInfo info{};
    const RawResult raw = call(abi::SystemCall::SystemInfo, address_of(&info));
    if (raw.value < 0) return raw.status();
    return info;
}

// Executes a batch of operations on held frames, at most abi::most_frame_operations; each has a
// status of its own afterwards.
[[nodiscard]] inline Status operate_frames(std::span<abi::FrameOperation> operations,
                                           uint64_t flags = 0) {
    return call(abi::SystemCall::FramesOperate, address_of(operations.data()), operations.size(),
                flags)
        .status();
}

[[nodiscard]] inline Result<abi::FrameReport> read_frames() {
    abi::FrameReport report{};
    const RawResult raw = call(abi::SystemCall::FramesRead, address_of(&report));
    if (raw.value < 0) return raw.status();
    return report;
}

// Free frames of each area of 2 MiB, from the first one given on; how many areas there were.
[[nodiscard]] inline Result<uint64_t> map_frames(std::span<uint16_t> areas, uint64_t first) {
    return to_result<uint64_t>(
        call(abi::SystemCall::FramesMap, address_of(areas.data()), first, areas.size()));
}

// CPUs that change their clock together; NotFound behind the last one.
[[nodiscard]] inline Result<abi::PerformanceDomain> read_performance(uint32_t domain) {
    abi::PerformanceDomain result{};
    const RawResult raw = call(abi::SystemCall::PerformanceRead, domain, address_of(&result));
    if (raw.value < 0) return raw.status();
    return result;
}

// `kilohertz`: one of the domain's levels. In force some microseconds later.
[[nodiscard]] inline Status set_performance(uint32_t domain, uint32_t kilohertz) {
    return call(abi::SystemCall::PerformanceSet, domain, kilohertz).status();
}

// Makes up to `blocks` free blocks of 2 MiB by moving pages; how many.
[[nodiscard]] inline Result<uint64_t> compact_memory(uint64_t blocks) {
    return to_result<uint64_t>(call(abi::SystemCall::MemoryCompact, blocks));
}

// Lets managers take free pages of the pool whose state is there (user/lib/page_pool.hpp).
[[nodiscard]] inline Status register_page_pool(const void* state) {
    return call(abi::SystemCall::PagePoolRegister, address_of(state)).status();
}

struct BalloonResult {
    uint64_t pages;   // that the task gave up
    uint64_t forced;  // of them, those that were taken after the deadline
};

// Asks another task for pages, and takes them after so many nanoseconds.
[[nodiscard]] inline Result<BalloonResult> request_pages(uint32_t task, uint64_t pages,
                                                         uint64_t nanoseconds) {
    const RawResult raw = call(abi::SystemCall::BalloonRequest, task, pages, nanoseconds);
    if (raw.value < 0) return raw.status();
    return BalloonResult{static_cast<uint64_t>(raw.value), raw.second};
}

// Waits until a manager wants pages, and says how many; 0 when nobody did in that time.
[[nodiscard]] inline Result<uint64_t> wait_for_request(uint64_t nanoseconds) {
    return to_result<uint64_t>(call(abi::SystemCall::BalloonWait, nanoseconds));
}

// The CPU of this moment; without a CPU mask it may be another one right after.
inline uint32_t cpu_number() {
    return static_cast<uint32_t>(call(abi::SystemCall::CpuNumber).value);
}

// Returns only when refused.
[[nodiscard]] inline Status power_off(int code) {
    return call(abi::SystemCall::PowerOff, static_cast<uint64_t>(code)).status();
}

}  // namespace user::system
