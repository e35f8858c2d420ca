// SPDX-License-Identifier: Apache-2.0
// kernel_bench: from a device's interrupt to the program that waits for it.
//
// A thread of the normal class raises the line of a PL031 (PrimeCell Real Time Clock, Arm DDI
// 0224), whose alarm is due and masked, by unmasking it; a thread of the real-time class on the
// same CPU waits for the message. From before the store that raises the line to behind
// MessageReceive.
#include <atomic>

#include "user/lib/console.hpp"
#include "user/lib/port.hpp"
#include "user/lib/schedule.hpp"
#include "user/lib/thread.hpp"
#include "user/lib/words.hpp"
#include "user/programs/kernel_bench_parts.hpp"

namespace user {

namespace {

constexpr uint64_t rounds = 1000;
constexpr uint64_t first_rounds = 20;  // meet cold memory, and do not count
constexpr uint32_t most_urgent = 31;

// Offsets (DDI 0224, table 3-1).
enum class Register : uint32_t {
    RTCDR = 0x000,    // RO  Data
    RTCMR = 0x004,    // RW  Match
    RTCIMSC = 0x010,  // RW  Interrupt Mask Set or Clear: bit 0, set: it comes
    RTCRIS = 0x014,   // RO  Raw Interrupt Status
    RTCICR = 0x01c,   // WO  Interrupt Clear: bit 0
};

struct Bell {
    uint64_t registers = 0;
    std::atomic<uint64_t> rung_at{0};
    std::atomic<uint64_t> heard{0};

    volatile uint32_t& at(Register which) const {
        return *reinterpret_cast<volatile uint32_t*>(registers + static_cast<uint32_t>(which));
    }
};

Samples delays;

uint64_t ring(void* argument) {
    Bell& bell = *static_cast<Bell*>(argument);
    for (uint64_t i = 0; i < first_rounds + rounds; ++i) {
        bell.rung_at.store(counter(), std::memory_order_relaxed);
        bell.at(Register::RTCIMSC) = 1;
        while (bell.heard.load(std::memory_order_relaxed) <= i) asm volatile("yield");
    }
    return 0;
}

Result<uint32_t> line_number() {
    const auto file = system::open_object("etc/interrupt");
    if (!file) return file.status();
    const auto address = system::map_object(*file, abi::ProtectionRead);
    if (!address) return address.status();
    std::string_view text(reinterpret_cast<const char*>(*address));
    const auto number = parse_number(take_word(text));
    if (!number) return number.status();
    return static_cast<uint32_t>(*number);
}

bool hear(Bell& bell, uint32_t interrupt, uint32_t port) {
    for (uint64_t i = 0; i < first_rounds + rounds; ++i) {
        system::Message message;
        const Status status = system::receive_message(port, message);
        const uint64_t now = counter();
        if (status != Status::Ok || message.label != abi::label_interrupt) return false;
        if (i >= first_rounds) delays.add(now - bell.rung_at.load(std::memory_order_relaxed));
        bell.at(Register::RTCIMSC) = 0;
        bell.heard.store(i + 1, std::memory_order_relaxed);
        if (system::acknowledge_interrupt(interrupt) != Status::Ok) return false;
    }
    return true;
}

bool measure_line(Bell& bell, uint32_t line, uint64_t mask) {
    const auto interrupt = system::create_interrupt(line);
    const auto port = system::create_port(0);
    if (!interrupt || !port) return false;
    if (system::bind_interrupt(*interrupt, *port) != Status::Ok) return false;
    bell.at(Register::RTCIMSC) = 0;
    while ((bell.at(Register::RTCRIS) & 1) == 0) {
        bell.at(Register::RTCMR) = bell.at(Register::RTCDR);  // due at once
    }
    constexpr uint32_t self = 0;
    if (schedule_thread(self, real_time_thread(most_urgent, mask)) != Status::Ok) return false;
    const auto ringing = Thread::create(ring, &bell, mask);
    if (!ringing) return false;
    Thread thread = *ringing;
    bool good = hear(bell, *interrupt, *port);
    if (good) good = thread.join().status() == Status::Ok;
    bell.at(Register::RTCICR) = 1;
    (void)system::close_right(*interrupt);
    (void)system::close_right(*port);
    return schedule_thread(self, normal_thread(100, mask)) == Status::Ok && good;
}

}  // namespace

bool measure_interrupts(uint64_t mask) {
    const auto line = line_number();
    if (line.status() == Status::NotFound) {
        print("kernel_bench: no etc/interrupt, so no interrupts are measured\n");
        return true;
    }
    const auto registers = system::map_object(abi::given_name(0), read_write);
    if (!line || !registers) return false;
    static Bell bell;
    bell.registers = *registers;
    if (!measure_line(bell, *line, mask)) return false;
    delays.report("interrupt", "");
    return true;
}

}  // namespace user
