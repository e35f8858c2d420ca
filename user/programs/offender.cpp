// SPDX-License-Identifier: Apache-2.0
// offender CASE: commits one offence. Most end with a fault; exit code 99 says that one did not.
#include "user/programs/offender.hpp"

#include "user/lib/console.hpp"

namespace user {

namespace {

constexpr int survived = 99;
constexpr uint64_t kernel_low = 0xffff'0000'0000'0000;
constexpr uint64_t kernel_high = 0xffff'8000'0000'0000;
constexpr uint64_t noncanonical = 0x0123'0000'0000'0000;

constexpr uint32_t return_instruction = 0xd65f03c0;
constexpr uint32_t constant_data[] = {return_instruction};
uint32_t data[] = {return_instruction};

// An address the compiler knows nothing about, so that it must make the access.
uint64_t opaque(uint64_t address) {
    asm volatile("" : "+r"(address));
    return address;
}

void read(uint64_t address) {
    *reinterpret_cast<const volatile uint32_t*>(opaque(address));
}

void write(uint64_t address) {
    *reinterpret_cast<volatile uint32_t*>(opaque(address)) = 0;
}

void jump(uint64_t address) {
    reinterpret_cast<void (*)()>(opaque(address))();
}

uint64_t code_address() {
    return reinterpret_cast<uint64_t>(&user_main);
}

int run(std::string_view name) {
    if (name == "read_null") return read(0), survived;
    if (name == "write_null") return write(0), survived;
    if (name == "read_kernel") return read(kernel_low), survived;
    if (name == "read_kernel_high") return read(kernel_high), survived;
    if (name == "write_kernel") return write(kernel_low), survived;
    if (name == "write_kernel_high") return write(kernel_high), survived;
    if (name == "read_noncanonical") return read(noncanonical), survived;
    if (name == "jump_data") return jump(system::address_of(data)), survived;
    if (name == "jump_null") return jump(0), survived;
    if (name == "jump_kernel") return jump(kernel_high), survived;
    if (name == "write_code") return write(code_address()), survived;
    if (name == "write_rodata") return write(system::address_of(constant_data)), survived;
    if (name == "stack_overflow") return recurse_without_end(), survived;
    if (name == "thread_stack_overflow") return offend_thread_stack_overflow();

    if (name == "undefined_instruction") {
        asm volatile("udf #0");
        return survived;
    }
    if (name == "privileged_instruction") {
        asm volatile("mrs x0, sctlr_el1" ::: "x0");
        return survived;
    }
    if (name == "privileged_msr") {
        asm volatile("msr ttbr0_el1, xzr" ::: "memory");
        return survived;
    }
    if (name == "mask_interrupts") {
        asm volatile("msr daifset, #15" ::: "memory");
        return survived;
    }
    if (name == "hvc") {
        asm volatile("hvc #0" ::: "x0", "x1", "x2", "x3", "memory");
        return survived;
    }
    if (name == "smc") {
        asm volatile("smc #0" ::: "x0", "x1", "x2", "x3", "memory");
        return survived;
    }
    if (name == "breakpoint") {
        asm volatile("brk #1");
        return survived;
    }
    // Armv8 lets the kernel trap this (SCTLR_EL1.SA0); a machine that does not check is no fault.
    if (name == "unaligned_sp") {
        asm volatile(
            "mov x9, sp\n"
            "sub sp, sp, #8\n"
            "ldr x10, [sp]\n"
            "mov sp, x9\n" ::
                : "x9", "x10", "memory");
        return 0;
    }
    // Not an offence: it may wait for a while, or return at once, or be refused with a fault.
    if (name == "wait_for_interrupt") {
        asm volatile("wfi" ::: "memory");
        return 0;
    }

    if (name == "bad_calls") return offend_bad_calls();
    if (name == "bad_image") return offend_bad_image();
    if (name == "exhaust") return offend_exhaust();
    if (name == "threads") return offend_threads();
    if (name == "spin") {
        for (;;) asm volatile("" ::: "memory");
    }
    if (name == "exit_42") return 42;

    print("offender: unknown case: {}\n", name);
    return 2;
}

}  // namespace

// Each call keeps a frame in use after the call below it, which makes the recursion a real one.
[[gnu::noinline]] void recurse_without_end() {
    volatile uint64_t frame[16];
    frame[0] = opaque(1);
    if (frame[0] != 0) recurse_without_end();
    frame[1] = frame[0];
}

int user_main(std::string_view arguments) {
    const int code = run(arguments);
    if (code == survived) print("offender {}: survived\n", arguments);
    return code;
}

}  // namespace user
