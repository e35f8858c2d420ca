// SPDX-License-Identifier: Apache-2.0
// System calls with every kind of wrong argument. Each must be refused with a status that fits;
// where the ABI leaves a choice (is a kernel address a bad value or a bad pointer?) each choice
// fits. Nothing here may succeed.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/thread.hpp"
#include "user/programs/offender.hpp"

namespace user {

namespace {

using abi::SystemCall;
using system::address_of;
using system::call;

constexpr uint64_t page = abi::page_size;
constexpr uint32_t read_only = abi::ProtectionRead;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint32_t write_execute = read_write | abi::ProtectionExecute;
constexpr uint64_t kernel_low = 0xffff'0000'0000'0000;
constexpr uint64_t kernel_high = 0xffff'8000'0000'0000;
constexpr uint64_t noncanonical = 0x0123'0000'0000'0000;
constexpr uint64_t no_such_id = 0xffff'fffe;
constexpr uint64_t no_cpu = uint64_t{1} << 63;
constexpr uint64_t init_task = 1;
constexpr uint64_t text_length = 16;

alignas(16) constexpr char constant_data[64] = "constant";

// A set of statuses: bit N stands for status -N.
using StatusSet = uint32_t;

template <typename... Statuses>
constexpr StatusSet any_of(Statuses... statuses) {
    return (... | (StatusSet{1} << -static_cast<int>(statuses)));
}

constexpr StatusSet bad_address = any_of(Status::BadAddress);
constexpr StatusSet invalid = any_of(Status::InvalidArgument);
constexpr StatusSet not_found = any_of(Status::NotFound);
constexpr StatusSet denied = any_of(Status::PermissionDenied);
constexpr StatusSet unknown_call = any_of(Status::UnknownCall);
constexpr StatusSet bad_range = invalid | bad_address;
constexpr StatusSet too_large = bad_range | any_of(Status::NoMemory, Status::LimitReached);
constexpr StatusSet nothing_there = bad_range | not_found;

int mismatches = 0;

void expect(std::string_view name, std::string_view detail, system::RawResult got,
            StatusSet wanted) {
    const bool fits = got.value < 0 && got.value > -32 && (wanted >> -got.value & 1) != 0;
    if (fits) return;
    ++mismatches;
    Text<100> choice;
    for (int i = 1; i < 32; ++i) {
        if ((wanted >> i & 1) == 0) continue;
        choice.append("{}{}", choice.view().empty() ? "" : " or ", static_cast<Status>(-i));
    }
    if (got.value < 0) {
        print("bad_calls: {}, {} gave {}, wanted {}\n", name, detail, got.status(), choice.view());
    } else {
        print("bad_calls: {}, {} gave 0x{:x}, wanted {}\n", name, detail, got.value, choice.view());
    }
}

void expect(SystemCall number, std::string_view detail, system::RawResult got, StatusSet wanted) {
    expect(abi::system_call_name(number), detail, got, wanted);
}

uint64_t code_address() {
    return reinterpret_cast<uint64_t>(&user_main) & ~uint64_t{3};
}
uint64_t code_page() {
    return code_address() & ~(page - 1);
}

// Two pages of which the second is gone: a buffer that ends too early, and a hole behind it.
class Hole final {
  public:
    Hole() {
        const auto memory = system::map_memory(2 * page, read_write);
        if (!memory) system::exit_task(1);
        address_ = *memory + page;
        if (system::unmap_memory(address_, page) != Status::Ok) system::exit_task(1);
    }
    uint64_t address() const { return address_; }

  private:
    uint64_t address_ = 0;
};

void check_numbers() {
    constexpr uint64_t numbers[] = {static_cast<uint64_t>(SystemCall::Limit),
                                    1000,
                                    0x7fff'ffff,
                                    0xffff'ffff,
                                    uint64_t{1} << 32,
                                    ~uint64_t{0}};
    for (const uint64_t number : numbers) {
        expect("system call", Text<32>("number 0x{:x}", number).view(), call(number), unknown_call);
    }
}

system::RawResult spawn(std::string_view path, uint64_t arguments = 0,
                        uint64_t arguments_length = 0, uint64_t cpu_mask = 0) {
    const abi::SpawnArguments spawn{
        address_of(path.data()), path.size(), arguments, arguments_length, cpu_mask, 0, 0,
        abi::right_usual_system};
    return call(SystemCall::TaskSpawn, address_of(&spawn));
}

// A child that ends by itself, so that a wait with a bad pointer cannot last.
void check_result_pointer(std::string_view name, uint64_t pointer) {
    const auto child = system::spawn_task("bin/offender", "exit_42");
    if (!child) return expect(SystemCall::TaskSpawn, "for a wait", {-99, 0}, 0);
    expect(SystemCall::TaskWait, name, call(SystemCall::TaskWait, *child, pointer), bad_address);
    const auto result = system::wait_task(*child);
    if (result && result->exit_code == 42) return;
    ++mismatches;
    print("bad_calls: task_wait, after {} gave {}, wanted code 42\n", name, result.status());
}

// Every pointer that a call takes, with every address that is none.
void check_pointers(const Hole& hole) {
    struct Pointer {
        std::string_view name;
        uint64_t address;
        bool readable = false;
    };
    const Pointer pointers[] = {
        {"null", 0},
        {"below the first page", abi::user_base - page},
        {"kernel, low", kernel_low},
        {"kernel, high", kernel_high},
        {"non-canonical", noncanonical},
        {"end of user addresses", abi::user_end - 8},
        {"wrapping", ~uint64_t{7}},
        {"unmapped", hole.address()},
        {"half unmapped", hole.address() - 8},
        {"read-only data", address_of(constant_data), true},
        {"code", code_address(), true},
    };
    for (const auto& [name, address, readable] : pointers) {
        expect(SystemCall::ConsoleRead, name, call(SystemCall::ConsoleRead, address, text_length),
               bad_address);
        expect(SystemCall::SystemInfo, name, call(SystemCall::SystemInfo, address), bad_address);
        expect(SystemCall::MemoryAudit, name, call(SystemCall::MemoryAudit, address), bad_address);
        check_result_pointer(name, address);
        if (readable) continue;

        expect(SystemCall::ConsoleWrite, name, call(SystemCall::ConsoleWrite, address, text_length),
               bad_address);
        expect(SystemCall::TaskSpawn, name, call(SystemCall::TaskSpawn, address), bad_address);
        const std::string_view path(reinterpret_cast<const char*>(address), text_length);
        expect("task_spawn path", name, spawn(path), bad_address);
        expect("task_spawn arguments", name, spawn("bin/steady", address, text_length),
               bad_address);
    }
    expect(SystemCall::ConsoleWrite, "null and huge",
           call(SystemCall::ConsoleWrite, 0, ~uint64_t{0}), bad_address);
    expect(SystemCall::ConsoleRead, "kernel and huge",
           call(SystemCall::ConsoleRead, kernel_high, ~uint64_t{0}), bad_address);
}

void check_spawn() {
    constexpr auto number = SystemCall::TaskSpawn;
    const uint64_t text = address_of(constant_data);
    expect(number, "missing file", spawn("bin/missing"), not_found);
    expect(number, "folder", spawn("bin/"), not_found);
    expect(number, "empty path", spawn(""), invalid | not_found);
    expect(number, "huge path", spawn({constant_data, size_t{1} << 62}), nothing_there);
    expect(number, "arguments too long", spawn("bin/steady", text, abi::argument_size + 1),
           invalid | any_of(Status::LimitReached));
    expect(number, "huge arguments", spawn("bin/steady", text, ~uint64_t{0}),
           bad_range | any_of(Status::LimitReached));
    expect(number, "mask without a CPU", spawn("bin/steady", 0, 0, no_cpu), invalid);
    expect(number, "text file", spawn("text/GPL-3"), any_of(Status::BadImage));
    expect(number, "truncated file", spawn("broken/truncated.elf"), any_of(Status::BadImage));

    // A good structure for a missing file, at an odd address.
    constexpr std::string_view missing = "bin/missing";
    const abi::SpawnArguments good{address_of(missing.data()), missing.size(), 0, 0, 0, 0, 0, 0};
    alignas(8) char bytes[sizeof(good) + 1] = {};
    const char* from = reinterpret_cast<const char*>(&good);
    for (size_t i = 0; i < sizeof(good); ++i) bytes[i + 1] = from[i];
    expect(number, "misaligned structure", call(number, address_of(bytes + 1)), nothing_there);
}

void check_tasks() {
    const abi::TaskResult result{};
    const uint64_t pointer = address_of(&result);
    expect(SystemCall::TaskWait, "task 0", call(SystemCall::TaskWait, 0, pointer),
           invalid | not_found);
    expect(SystemCall::TaskWait, "no such task", call(SystemCall::TaskWait, no_such_id, pointer),
           not_found);
    expect(SystemCall::TaskWait, "init's number", call(SystemCall::TaskWait, init_task, pointer),
           not_found);
    expect(SystemCall::TaskWait, "itself", call(SystemCall::TaskWait, abi::task_name, pointer),
           invalid);
    expect(SystemCall::TaskKill, "task 0", call(SystemCall::TaskKill, 0), invalid | not_found);
    expect(SystemCall::TaskKill, "no such task", call(SystemCall::TaskKill, no_such_id), not_found);
    expect(SystemCall::TaskKill, "init's number", call(SystemCall::TaskKill, init_task), not_found);
    expect(SystemCall::TaskKill, "itself and bit 32",
           call(SystemCall::TaskKill, uint64_t{1} << 32 | abi::task_name), invalid | not_found);
    expect(SystemCall::TaskKill, "the machine", call(SystemCall::TaskKill, abi::system_name),
           invalid);
    expect(SystemCall::PowerOff, "not init", call(SystemCall::PowerOff, 0), denied);
}

void check_map(const Hole& hole) {
    constexpr auto number = SystemCall::MemoryMap;
    const uint64_t stack = address_of(__builtin_frame_address(0)) & ~(page - 1);
    const auto map = [](uint64_t size, uint64_t protection, uint64_t address) {
        return call(number, size, protection, address);
    };
    expect(number, "size 0", map(0, read_write, 0), invalid);
    expect(number, "misaligned address", map(page, read_write, hole.address() + 8), invalid);
    expect(number, "unknown protection", map(page, 8 | read_only, 0), invalid);
    expect(number, "write and execute", map(page, write_execute, 0), invalid | denied);
    expect(number, "huge size", map(uint64_t{1} << 62, read_write, 0), too_large);
    expect(number, "all but a page", map(~(page - 1), read_write, 0), too_large);
    expect(number, "all user addresses", map(abi::user_end, read_write, 0), too_large);
    expect(number, "below the first page", map(page, read_write, abi::user_base - page), bad_range);
    expect(number, "end of user addresses", map(page, read_write, abi::user_end), bad_range);
    expect(number, "over the end", map(2 * page, read_write, abi::user_end - page), bad_range);
    expect(number, "kernel, low", map(page, read_write, kernel_low), bad_range);
    expect(number, "kernel, high", map(page, read_write, kernel_high), bad_range);
    expect(number, "non-canonical", map(page, read_write, noncanonical), bad_range);
    expect(number, "wrapping", map(2 * page, read_write, ~(page - 1)), bad_range);
    expect(number, "over own code", map(page, read_write, code_page()), any_of(Status::Busy));
    expect(number, "over own stack", map(page, read_write, stack), any_of(Status::Busy));
    expect(number, "half over memory", map(2 * page, read_write, hole.address() - page),
           any_of(Status::Busy));
}

void check_unmap(const Hole& hole) {
    constexpr auto number = SystemCall::MemoryUnmap;
    const uint64_t own = hole.address() - page;
    const StatusSet wanted = nothing_there | denied;
    expect(number, "size 0", call(number, own, 0), invalid);
    expect(number, "misaligned size", call(number, own, page - 1), invalid);
    expect(number, "misaligned address", call(number, own + 8, page), invalid);
    expect(number, "unmapped", call(number, hole.address(), page), not_found | bad_address);
    expect(number, "null", call(number, 0, page), wanted);
    expect(number, "kernel, low", call(number, kernel_low, page), wanted);
    expect(number, "kernel, high", call(number, kernel_high, page), wanted);
    expect(number, "non-canonical", call(number, noncanonical, page), wanted);
    expect(number, "wrapping", call(number, own, ~(page - 1)), wanted);
    expect(number, "wrapping to 0", call(number, own, 0 - own), wanted);
    expect(number, "over the end", call(number, abi::user_end - page, 2 * page), wanted);
}

void check_protect(const Hole& hole) {
    constexpr auto number = SystemCall::MemoryProtect;
    const uint64_t own = hole.address() - page;
    const StatusSet wanted = nothing_there | denied;
    expect(number, "size 0", call(number, own, 0, read_only), invalid);
    expect(number, "misaligned size", call(number, own, page + 1, read_only), invalid);
    expect(number, "misaligned address", call(number, own + 8, page, read_only), invalid);
    expect(number, "unknown protection", call(number, own, page, 8 | read_only), invalid);
    expect(number, "write and execute", call(number, own, page, write_execute), invalid | denied);
    expect(number, "own code to write and execute", call(number, code_page(), page, write_execute),
           invalid | denied);
    expect(number, "unmapped", call(number, hole.address(), page, read_only),
           not_found | bad_address);
    expect(number, "null", call(number, 0, page, read_only), wanted);
    expect(number, "kernel, low", call(number, kernel_low, page, read_write), wanted);
    expect(number, "kernel, high", call(number, kernel_high, page, read_write), wanted);
    expect(number, "wrapping", call(number, own, ~(page - 1), read_only), wanted);

    const auto archive = system::map_archive();
    if (!archive) return;
    const uint64_t first_page = address_of(archive->data()) & ~(page - 1);
    expect(number, "archive to writable", call(number, first_page, page, read_write),
           denied | invalid);
}

std::atomic<uint32_t> self;

// A thread learns its own name from the one who made it.
uint64_t join_itself(void*) {
    while (self == 0) system::yield();
    expect(SystemCall::ThreadJoin, "itself", call(SystemCall::ThreadJoin, self),
           invalid | denied | any_of(Status::Busy));
    return 0;
}

void check_threads() {
    const uint64_t entry = reinterpret_cast<uint64_t>(&join_itself);
    const auto stack = system::map_memory(page, read_write);
    if (!stack) system::exit_task(1);
    const uint64_t top = *stack + page;
    const auto create = [](uint64_t at, uint64_t stack_top, uint64_t mask) {
        return call(SystemCall::ThreadCreate, at, stack_top, 0, mask);
    };
    constexpr auto number = SystemCall::ThreadCreate;
    expect(number, "mask without a CPU", create(entry, top, no_cpu), invalid);
    expect(number, "misaligned stack", create(entry, top - 8, 0), bad_range);
    expect(number, "stack in the kernel", create(entry, kernel_high, 0), bad_range);
    expect(number, "entry in the kernel", create(kernel_high, top, 0), bad_range);
    expect(number, "misaligned entry", create(entry + 2, top, 0), bad_range);

    constexpr auto join = SystemCall::ThreadJoin;
    expect(join, "thread 0", call(join, 0), invalid | not_found);
    expect(join, "no such thread", call(join, no_such_id), not_found);
    const auto created = Thread::create(join_itself, nullptr);
    if (!created) system::exit_task(1);
    Thread thread = *created;
    self = thread.name();
    static_cast<void>(thread.join().status());
    expect(join, "joined before", call(join, thread.name()), not_found);
}

}  // namespace

int offend_bad_calls() {
    const Hole hole;
    // First what must not find the hole filled.
    check_pointers(hole);
    check_map(hole);
    check_unmap(hole);
    check_protect(hole);
    check_numbers();
    check_spawn();
    check_tasks();
    check_threads();
    return mismatches;
}

}  // namespace user
