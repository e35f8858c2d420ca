// SPDX-License-Identifier: Apache-2.0
// device_interrupts: a driver in a program that waits for its device. It gets the registers of a
// PL031 (PrimeCell Real Time Clock, Arm DDI 0224) from init, and the number of its interrupt from
// the file etc/interrupt; the alarm comes as a message, and not again before it is acknowledged.
#include "user/lib/console.hpp"
#include "user/lib/port.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

constexpr uint32_t registers = abi::given_name(0);
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint64_t second = 1'000'000'000;
constexpr uint64_t moment = 1'000'000;
constexpr uint32_t alarms = 3;

// Offsets (DDI 0224, table 3-1).
enum class Register : uint32_t {
    RTCDR = 0x000,    // RO  Data
    RTCMR = 0x004,    // RW  Match
    RTCIMSC = 0x010,  // RW  Interrupt Mask Set or Clear: bit 0, set: it comes
    RTCICR = 0x01C,   // WO  Interrupt Clear: bit 0
};

uint64_t failures = 0;

void check(bool good, std::string_view what) {
    if (good) return;
    ++failures;
    print("device_interrupts: wrong: {}\n", what);
}

class Clock final {
  public:
    explicit Clock(uint64_t address) : address_(address) {}

    volatile uint32_t& at(Register which) const {
        return *reinterpret_cast<volatile uint32_t*>(address_ + static_cast<uint32_t>(which));
    }
    // The alarm is due within a second.
    void set_alarm() const {
        at(Register::RTCMR) = at(Register::RTCDR) + 1;
        at(Register::RTCIMSC) = 1;
    }
    void clear() const { at(Register::RTCICR) = 1; }

  private:
    uint64_t address_;
};

Result<uint64_t> read_line_number() {
    const auto file = system::open_object("etc/interrupt");
    if (!file) return file.status();
    const auto address = system::map_object(*file, abi::ProtectionRead);
    if (!address) return address.status();
    std::string_view text(reinterpret_cast<const char*>(*address));
    return parse_number(take_word(text));
}

void expect_alarm(uint32_t port, uint64_t line, uint64_t count) {
    system::Message message;
    const Status status = system::receive_message(port, message, 3 * second);
    check(status == Status::Ok && message.label == abi::label_interrupt, "no alarm");
    check(message.words[0] == line && message.words[1] == count, "which interrupt came");
}

void wait_for_alarms(const Clock& clock, uint64_t line) {
    const auto port = system::create_port(0);
    const auto interrupt = system::create_interrupt(static_cast<uint32_t>(line));
    if (!port || !interrupt) return check(false, "no interrupt");
    check(system::create_interrupt(static_cast<uint32_t>(line)).status() == Status::Busy, "twice");
    check(system::bind_interrupt(*interrupt, *port) == Status::Ok, "binding");
    system::Message message;
    uint64_t count = 0;
    for (uint32_t i = 0; i < alarms; ++i) {
        clock.set_alarm();
        expect_alarm(*port, line, ++count);
        // The line is still raised, and masked.
        check(system::receive_message(*port, message, moment) == Status::TimedOut, "a flood");
        if (i == 0) {
            check(system::acknowledge_interrupt(*interrupt) == Status::Ok, "acknowledging");
            expect_alarm(*port, line, ++count);  // as it was not cleared
        }
        clock.clear();
        check(system::acknowledge_interrupt(*interrupt) == Status::Ok, "acknowledging");
        check(system::receive_message(*port, message, moment) == Status::TimedOut, "one too many");
    }
    clock.at(Register::RTCIMSC) = 0;
    check(system::close_right(*interrupt) == Status::Ok, "closing");
    const auto again = system::create_interrupt(static_cast<uint32_t>(line));
    check(again.status() == Status::Ok, "an interrupt that was given back");
}

}  // namespace

int user_main(std::string_view) {
    const auto address = system::map_object(registers, read_write);
    const auto line = read_line_number();
    if (!address || !line) {
        print("device_interrupts: wrong: no device\n");
        return 1;
    }
    check(system::create_interrupt(0).status() == Status::PermissionDenied, "a private interrupt");
    check(system::create_interrupt(1019).status() == Status::InvalidArgument, "no such interrupt");
    wait_for_alarms(Clock(*address), *line);
    print("device_interrupts: {}\n", failures == 0 ? "ok" : "failed");
    return failures == 0 ? 0 : 1;
}

}  // namespace user
