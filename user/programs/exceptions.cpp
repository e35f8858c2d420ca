// SPDX-License-Identifier: Apache-2.0
// exceptions: a pager and a debugger that are ordinary programs. As a pager it gives its child's
// memory its content, page by page as the child touches it; as a debugger it stops another at
// breakpoints, reads its registers, changes them and lets it go on.
#include "kernel/abi/message.hpp"
#include "user/lib/console.hpp"
#include "user/lib/right.hpp"

namespace user {
namespace {

constexpr std::string_view program = "bin/exceptions";
constexpr uint64_t page = abi::page_size;
constexpr uint64_t paged_begin = 0x5000'0000;  // of the pager's child; nothing lies there
constexpr uint64_t paged_pages = 32;
constexpr uint64_t breakpoints = 5;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

int failures = 0;

bool check(bool good, std::string_view what) {
    if (!good) {
        ++failures;
        print("exceptions: wrong: {}\n", what);
    }
    return good;
}

uint64_t content_of(uint64_t number) {
    return (number + 1) * 0x0001'0001'0001'0001;
}

// An exception that a port was told of.
struct Exception {
    uint32_t task;
    uint32_t thread;
    uint32_t exception_class;  // ESR_EL1.EC
    uint64_t address;
    uint64_t pc;
};

Status receive_exception(uint32_t port, Exception& exception) {
    register uint64_t x0 asm("x0") = port;
    register uint64_t x1 asm("x1") = 0;
    register uint64_t x2 asm("x2") = 0;
    register uint64_t x3 asm("x3") = abi::wait_forever;
    register uint64_t x4 asm("x4");
    register uint64_t x5 asm("x5");
    register uint64_t x6 asm("x6");
    register uint64_t x7 asm("x7");
    register uint64_t x8 asm("x8") = static_cast<uint64_t>(abi::SystemCall::MessageReceive);
    asm volatile("svc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "=r"(x4), "=r"(x5), "=r"(x6), "=r"(x7)
                 : "r"(x8)
                 : "memory");
    const auto status = static_cast<Status>(static_cast<int64_t>(x0));
    if (status != Status::Ok) return status;
    if (x1 != abi::label_exception) return Status::InvalidArgument;
    exception = {static_cast<uint32_t>(x4 >> 32), static_cast<uint32_t>(x4),
                 static_cast<uint32_t>(x5) >> 26, x6, x7};
    return Status::Ok;
}

// A child whose exceptions the port is told of. It sleeps a while first.
Result<uint32_t> spawn_watched(std::string_view role, uint32_t port) {
    const auto child = system::spawn_task(program, role);
    if (!child) return child;
    const Status bound = system::bind_exceptions(*child, port);
    if (bound != Status::Ok) return bound;
    return child;
}

void expect_exit(uint32_t child, int32_t code, std::string_view what) {
    const auto result = system::wait_task(child);
    check(result && result->reason == abi::EndReason::Exited && result->exit_code == code, what);
}

// The child's role: it reads pages that it never asked for.
int be_paged() {
    system::sleep(1'000'000);  // until the parent has bound its port
    uint64_t sum = 0;
    for (uint64_t i = 0; i < paged_pages; ++i) {
        sum += *reinterpret_cast<volatile uint64_t*>(paged_begin + i * page);
    }
    uint64_t wanted = 0;
    for (uint64_t i = 0; i < paged_pages; ++i) wanted += content_of(i);
    return sum == wanted ? 42 : 1;
}

// Lets the thread that has stopped go on.
bool resume(uint32_t child, const Exception& exception) {
    const auto thread = system::open_right(child, abi::ObjectType::Thread, exception.thread);
    return thread && system::resume_threads(*thread) == Status::Ok &&
           system::close_right(*thread) == Status::Ok;
}

// Gives the page at an address its content in memory of its own, then shows it to the child.
bool supply_page(uint32_t child, const Exception& exception, uint32_t object, uint64_t window) {
    const uint64_t offset = (exception.address - paged_begin) & ~(page - 1);
    if (offset >= paged_pages * page) return false;
    *reinterpret_cast<volatile uint64_t*>(window + offset) = content_of(offset / page);
    const auto shown = system::map_object(abi::MapArguments{.handle = object,
                                                            .protection = abi::ProtectionRead,
                                                            .flags = 0,
                                                            .policy = abi::MemoryPolicy::Local,
                                                            .offset = offset,
                                                            .size = page,
                                                            .address = paged_begin + offset,
                                                            .nodes = 0,
                                                            .task = child});
    return shown && resume(child, exception);
}

void page_a_child(uint32_t port) {
    constexpr uint32_t data_abort = 0x24;
    const auto object = system::create_object(paged_pages * page);
    if (!check(object.status() == Status::Ok, "no object to page from")) return;
    const auto window = system::map_object(*object, read_write);
    if (!check(window.status() == Status::Ok, "the object cannot be mapped")) return;
    const auto child = spawn_watched("paged", port);
    if (!check(child.status() == Status::Ok, "no child to page")) return;
    const auto report = system::read_right(*child);
    for (uint64_t i = 0; i < paged_pages; ++i) {
        Exception exception{};
        const bool told = receive_exception(port, exception) == Status::Ok && report &&
                          exception.task == report->number &&
                          exception.exception_class == data_abort;
        if (!check(told && supply_page(*child, exception, *object, *window),
                   "a page was not supplied")) {
            (void)system::kill_task(*child);
            break;
        }
    }
    expect_exit(*child, 42, "the paged child did not see what its pager wrote");
    print("exceptions: paged {} pages\n", paged_pages);
}

// The child's role: it counts breakpoints that somebody adds up for it.
int be_debugged() {
    system::sleep(1'000'000);
    register uint64_t x19 asm("x19") = 0;
    for (uint64_t i = 0; i < breakpoints; ++i) asm volatile("brk #1" : "+r"(x19));
    return static_cast<int>(x19);
}

void debug_a_child(uint32_t port) {
    constexpr uint32_t breakpoint = 0x3c;
    const auto child = spawn_watched("debugged", port);
    if (!check(child.status() == Status::Ok, "no child to debug")) return;
    for (uint64_t i = 0; i < breakpoints; ++i) {
        Exception exception{};
        abi::GeneralRegisters registers;
        const bool told = receive_exception(port, exception) == Status::Ok &&
                          exception.exception_class == breakpoint;
        const auto thread = system::open_right(*child, abi::ObjectType::Thread, exception.thread);
        const bool seen = thread && system::read_thread(*thread, registers) == Status::Ok;
        if (!check(told && seen && registers.pc == exception.pc, "no breakpoint was met")) break;
        registers.pc += 4;
        registers.x[19] += 10;
        const bool moved = system::write_thread(*thread, registers) == Status::Ok &&
                           system::resume_threads(*thread) == Status::Ok &&
                           system::close_right(*thread) == Status::Ok;
        if (!check(moved, "the child could not be moved on")) break;
    }
    expect_exit(*child, 10 * static_cast<int32_t>(breakpoints), "the child's sum is not ours");
    print("exceptions: debugged {} breakpoints\n", breakpoints);
}

// A thread that spins on whatever CPU is stopped, and stays so.
int be_stopped() {
    for (;;) asm volatile("");
}

void stop_a_child() {
    const auto child = system::spawn_task(program, "stopped");
    if (!check(child.status() == Status::Ok, "no child to stop")) return;
    system::sleep(2'000'000);
    check(system::suspend_threads(*child) == Status::Ok, "the child cannot be stopped");
    check(system::resume_threads(*child) == Status::Ok, "the child cannot be let go");
    check(system::suspend_threads(*child) == Status::Ok, "the child cannot be stopped again");
    check(system::kill_task(*child) == Status::Ok, "a stopped child cannot be killed");
    const auto result = system::wait_task(*child);
    check(result && result->reason == abi::EndReason::Killed, "a stopped child did not end");
    print("exceptions: stopped a child\n");
}

}  // namespace

int user_main(std::string_view arguments) {
    if (arguments == "paged") return be_paged();
    if (arguments == "debugged") return be_debugged();
    if (arguments == "stopped") return be_stopped();
    const auto port = system::to_result<uint32_t>(system::call(abi::SystemCall::PortCreate, 4));
    if (!check(port.status() == Status::Ok, "no port")) return 1;
    page_a_child(*port);
    debug_a_child(*port);
    stop_a_child();
    if (failures == 0) print("exceptions: ok\n");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
