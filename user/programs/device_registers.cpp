// SPDX-License-Identifier: Apache-2.0
// device_registers: a driver in a program. Its object 0 is the registers of a PL031 (PrimeCell
// Real Time Clock, Arm DDI 0224), which it got from init: it finds out that they are, watches the
// clock, sets the alarm, and reads on all CPUs at once. What the kernel must refuse it tries too; a
// child with the object may read, one without it may not.
#include "user/lib/console.hpp"
#include "user/lib/task.hpp"
#include "user/lib/thread.hpp"

namespace user {

namespace {

constexpr uint32_t registers = abi::given_name(0);
constexpr uint64_t second = 1'000'000'000;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;

// Offsets (DDI 0224, table 3-1).
enum class Register : uint32_t {
    RTCDR = 0x000,         // RO  Data
    RTCMR = 0x004,         // RW  Match
    RTCRIS = 0x014,        // RO  Raw Interrupt Status: bit 0
    RTCICR = 0x01C,        // WO  Interrupt Clear: bit 0
    RTCPeriphID0 = 0xFE0,  // RO  Peripheral Identification, a byte in each of 4 words
    RTCPCellID0 = 0xFF0,   // RO  PrimeCell Identification, likewise
};

// RTCPeriphID: part number 0x031, designer 0x41 (Arm), configuration 0; bits 23:20 are the
// revision.
constexpr uint32_t peripheral = 0x0004'1031;
constexpr uint32_t all_but_revision = 0xff0f'ffff;
constexpr uint32_t prime_cell = 0xb105'f00d;  // RTCPCellID

uint64_t failures = 0;

void check(bool good, std::string_view what) {
    if (good) return;
    __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
    print("device_registers: wrong: {}\n", what);
}

class Clock final {
  public:
    explicit Clock(uint64_t address) : address_(address) {}

    [[nodiscard]] uint32_t read(Register which, uint32_t index = 0) const {
        return at(which, index);
    }
    void write(Register which, uint32_t value) const { at(which) = value; }
    // What four words say, a byte each.
    [[nodiscard]] uint32_t identification(Register first) const {
        uint32_t value = 0;
        for (uint32_t i = 0; i < 4; ++i) value |= (read(first, i) & 0xff) << 8 * i;
        return value;
    }

  private:
    [[nodiscard]] volatile uint32_t& at(Register which, uint32_t index = 0) const {
        const uint64_t offset = static_cast<uint32_t>(which) + 4 * index;
        return *reinterpret_cast<volatile uint32_t*>(address_ + offset);
    }

    uint64_t address_;
};

uint64_t ticks() {
    uint64_t now;
    asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(now)::"memory");
    return now;
}

void check_identity(const Clock& clock) {
    check((clock.identification(Register::RTCPeriphID0) & all_but_revision) == peripheral,
          "the peripheral identification is not a PL031's");
    check(clock.identification(Register::RTCPCellID0) == prime_cell,
          "the PrimeCell identification is none");
}

// The device counts the same seconds as the kernel's clock.
void check_seconds(const Clock& clock) {
    const uint64_t begin = system::clock_now();
    const uint32_t first = clock.read(Register::RTCDR);
    system::sleep(5 * second / 2);
    const uint32_t passed = clock.read(Register::RTCDR) - first;
    const uint64_t seconds = (system::clock_now() - begin) / second;
    check(passed >= 2 && passed <= seconds + 1, "the clock's seconds are not those of the phone");
}

// The interrupt is masked, so that nothing but the raw status tells of the alarm.
void check_alarm(const Clock& clock) {
    clock.write(Register::RTCICR, 1);
    check(clock.read(Register::RTCRIS) == 0, "an alarm that was cleared is there");
    const uint32_t match = clock.read(Register::RTCDR) + 2;
    clock.write(Register::RTCMR, match);
    check(clock.read(Register::RTCMR) == match, "the match register does not keep its value");
    check(clock.read(Register::RTCRIS) == 0, "the alarm comes early");
    system::sleep(7 * second / 2);
    check(clock.read(Register::RTCRIS) == 1, "the alarm does not come");
    clock.write(Register::RTCICR, 1);
    check(clock.read(Register::RTCRIS) == 0, "an alarm cannot be cleared");
}

// Time goes on around accesses, and several CPUs may make them at once.
uint64_t read_often(void* argument) {
    const Clock& clock = *static_cast<const Clock*>(argument);
    uint64_t wrong = 0;
    uint32_t last = clock.read(Register::RTCDR);
    for (int i = 0; i < 1000; ++i) {
        const uint64_t before = ticks();
        const uint32_t now = clock.read(Register::RTCDR);
        if (ticks() < before || now < last) ++wrong;
        if (clock.read(Register::RTCPeriphID0) != (peripheral & 0xff)) ++wrong;
        last = now;
    }
    return wrong;
}

void check_threads(Clock& clock) {
    Thread threads[4];
    for (Thread& thread : threads) {
        const auto made = Thread::create(read_often, &clock);
        if (!made) return check(false, "a thread cannot be started");
        thread = *made;
    }
    for (Thread& thread : threads) {
        const auto wrong = thread.join();
        check(wrong && *wrong == 0, "what a thread read");
    }
}

// What nobody may do with registers, and what the kernel does not do for a program.
void check_refusals(uint64_t address) {
    constexpr uint32_t execute = abi::ProtectionRead | abi::ProtectionExecute;
    const auto status_of = [](uint32_t protection, uint32_t flags) {
        return system::map_object(registers, protection, flags).status();
    };
    check(status_of(execute, 0) == Status::PermissionDenied, "registers can be executed");
    check(status_of(read_write, abi::MapPrivate) == Status::Unsupported, "registers are copied");
    check(system::copy_object(registers).status() == Status::Unsupported, "registers are copied");
    check(system::protect_memory(address, abi::page_size, execute) == Status::PermissionDenied,
          "registers become executable");
    const std::string_view text{reinterpret_cast<const char*>(address), 4};
    check(system::write_console(text).status() == Status::BadAddress,
          "the kernel reads registers for a program");
    check(system::create_device_object(0, abi::page_size).status() == Status::PermissionDenied,
          "somebody who is not init reaches devices");
}

// Books on frames know nothing of devices.
void check_books(uint64_t address) {
    const auto page = system::query_memory(address);
    check(page && page->kind == 2 && page->resident == 1 && page->shares == 0 && page->huge == 0,
          "what the kernel tells of the page");
    const auto report = system::audit_memory();
    check(report && report->mismatch == abi::MemoryMismatch::None, "the kernel's books");
}

int run_child(std::string_view part, std::span<const uint32_t> objects) {
    const auto task = system::spawn_task("bin/device_registers", part, 0, objects);
    if (!task) return -1;
    const auto result = system::wait_task(*task);
    return result && result->reason == abi::EndReason::Exited ? result->exit_code : -1;
}

// Those that are given the object may use it, whoever their parent is; others have no way to it.
void check_children() {
    const uint32_t objects[] = {registers};
    check(run_child("with", objects) == 0, "a child with the object");
    check(run_child("without", {}) == 0, "a child without the object");
}

int finish() {
    return failures == 0 ? 0 : 1;
}

int be_child(bool has_object) {
    const auto address = system::map_object(registers, abi::ProtectionRead);
    if (has_object) {
        check(address.status() == Status::Ok, "registers cannot be mapped for reading");
        if (address) check_identity(Clock(*address));
    } else {
        check(address.status() == Status::NotFound, "registers are mapped out of nowhere");
        check(system::create_device_object(0, abi::page_size).status() == Status::PermissionDenied,
              "somebody who is not init reaches devices");
    }
    return finish();
}

}  // namespace

int user_main(std::string_view arguments) {
    if (arguments == "with" || arguments == "without") return be_child(arguments == "with");

    const auto address = system::map_object(registers, read_write);
    if (!address) {
        print("device_registers: there is no object 0: {}\n", address.status());
        return 1;
    }
    Clock clock(*address);
    check_identity(clock);
    check_refusals(*address);
    check_books(*address);
    check_seconds(clock);
    check_alarm(clock);
    check_threads(clock);
    check_children();
    // What is mapped stays when the object is closed.
    check(system::close_object(registers) == Status::Ok, "the object cannot be closed");
    check_identity(clock);
    check(system::unmap_memory(*address, abi::page_size) == Status::Ok,
          "registers cannot be unmapped");
    print("device_registers: {}\n", failures == 0 ? "ok" : "failed");
    return finish();
}

}  // namespace user
