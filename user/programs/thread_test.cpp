// SPDX-License-Identifier: Apache-2.0
// thread_test: what threads of one task are promised: shared memory with working atomics, sleep,
// yield, join with a value, and registers that no other thread ever changes.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"

namespace user {

namespace {

constexpr uint32_t thread_count = 6;
constexpr uint64_t increments = 5000;
constexpr uint64_t yields = 400;
constexpr uint64_t millisecond = 1'000'000;

// Registers d8 to d31: those a call preserves, and those only the kernel can.
constexpr uint32_t first_register = 8;
constexpr uint32_t register_count = 24;

std::atomic<uint64_t> atomic_counter;
uint64_t exclusive_counter;
bool failed;

void fail(std::string_view what, uint64_t got, uint64_t wanted) {
    print("thread_test: {}: got {}, wanted {}\n", what, got, wanted);
    failed = true;
}

// The load-exclusive, store-exclusive pair itself: an interrupt between the two must make the store
// fail.
void increment_exclusive(uint64_t* counter) {
    uint64_t value;
    uint32_t refused;
    asm volatile(
        "1:\n"
        "ldxr %[value], [%[counter]]\n"
        "add %[value], %[value], #1\n"
        "stxr %w[refused], %[value], [%[counter]]\n"
        "cbnz %w[refused], 1b\n"
        : [value] "=&r"(value), [refused] "=&r"(refused)
        : [counter] "r"(counter)
        : "memory");
}

// Holds `values` in the registers over many yields, and over busy stretches that a time slice ends.
void hold_registers(uint64_t (&values)[register_count][2]) {
    asm volatile(
        "ldp q8, q9, [%[values], #0]\n"
        "ldp q10, q11, [%[values], #32]\n"
        "ldp q12, q13, [%[values], #64]\n"
        "ldp q14, q15, [%[values], #96]\n"
        "ldp q16, q17, [%[values], #128]\n"
        "ldp q18, q19, [%[values], #160]\n"
        "ldp q20, q21, [%[values], #192]\n"
        "ldp q22, q23, [%[values], #224]\n"
        "ldp q24, q25, [%[values], #256]\n"
        "ldp q26, q27, [%[values], #288]\n"
        "ldp q28, q29, [%[values], #320]\n"
        "ldp q30, q31, [%[values], #352]\n"
        "mov x9, %[yields]\n"
        "1:\n"
        "mov x8, %[yield]\n"
        "svc #0\n"
        "mov x10, #4096\n"
        "2:\n"
        "subs x10, x10, #1\n"
        "b.ne 2b\n"
        "subs x9, x9, #1\n"
        "b.ne 1b\n"
        "stp q8, q9, [%[values], #0]\n"
        "stp q10, q11, [%[values], #32]\n"
        "stp q12, q13, [%[values], #64]\n"
        "stp q14, q15, [%[values], #96]\n"
        "stp q16, q17, [%[values], #128]\n"
        "stp q18, q19, [%[values], #160]\n"
        "stp q20, q21, [%[values], #192]\n"
        "stp q22, q23, [%[values], #224]\n"
        "stp q24, q25, [%[values], #256]\n"
        "stp q26, q27, [%[values], #288]\n"
        "stp q28, q29, [%[values], #320]\n"
        "stp q30, q31, [%[values], #352]\n"
        :
        : [values] "r"(values), [yields] "r"(yields),
          [yield] "r"(static_cast<uint64_t>(abi::SystemCall::ThreadYield))
        : "x0", "x1", "x8", "x9", "x10", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
          "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
          "v29", "v30", "v31", "cc", "memory");
}

uint64_t register_value(uint64_t thread, uint64_t index, uint64_t half) {
    return (thread + 1) << 32 | (first_register + index) << 8 | half;
}

uint64_t count_changed_registers(uint64_t thread) {
    uint64_t values[register_count][2];
    for (uint64_t i = 0; i < register_count; ++i) {
        for (uint64_t half = 0; half < 2; ++half) values[i][half] = register_value(thread, i, half);
    }
    hold_registers(values);
    uint64_t changed = 0;
    for (uint64_t i = 0; i < register_count; ++i) {
        for (uint64_t half = 0; half < 2; ++half) {
            if (values[i][half] != register_value(thread, i, half)) ++changed;
        }
    }
    return changed;
}

// The exit value tells the thread's number, and above it how many registers changed.
uint64_t run(void* argument) {
    const auto thread = reinterpret_cast<uint64_t>(argument);
    for (uint64_t i = 0; i < increments; ++i) {
        atomic_counter.fetch_add(1, std::memory_order_relaxed);
        increment_exclusive(&exclusive_counter);
        if (i % 512 == 0) system::yield();
    }
    system::sleep((thread + 1) * millisecond);
    return count_changed_registers(thread) << 8 | thread;
}

void check_sleep() {
    const uint64_t start = system::clock_now();
    system::sleep(5 * millisecond);
    const uint64_t slept = system::clock_now() - start;
    if (slept < 5 * millisecond) fail("sleep in nanoseconds", slept, 5 * millisecond);
}

void check_threads() {
    Thread threads[thread_count];
    for (uint64_t i = 0; i < thread_count; ++i) {
        const auto thread = Thread::create(run, reinterpret_cast<void*>(i));
        if (!thread) {
            print("thread_test: thread {} not created: {}\n", i, thread.status());
            failed = true;
            return;
        }
        threads[i] = *thread;
    }
    for (uint64_t i = 0; i < thread_count; ++i) {
        const auto value = threads[i].join();
        if (!value) {
            print("thread_test: thread {} not joined: {}\n", i, value.status());
            failed = true;
            continue;
        }
        if ((*value & 0xff) != i) fail("exit value", *value & 0xff, i);
        if (*value >> 8 != 0) fail("changed vector registers", *value >> 8, 0);
    }
    constexpr uint64_t total = thread_count * increments;
    if (atomic_counter != total) fail("atomic counter", atomic_counter, total);
    if (exclusive_counter != total) fail("exclusive counter", exclusive_counter, total);
}

// The counter that EL0 reads goes on while a program runs, and never back.
void check_counter() {
    constexpr uint64_t readings = 2000;
    uint64_t changes = 0;
    uint64_t before = 0;
    for (uint64_t i = 0; i < readings; ++i) {
        uint64_t now = 0;
        asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(now));
        if (now < before) fail("counter went backwards", now, before);
        if (now != before) ++changes;
        before = now;
    }
    if (changes < readings / 20) fail("counter changes", changes, readings / 20);
}

}  // namespace

int user_main(std::string_view) {
    check_sleep();
    check_counter();
    check_threads();
    if (failed) return 1;
    print("thread_test: ok\n");
    return 0;
}

}  // namespace user
