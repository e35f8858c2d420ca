// SPDX-License-Identifier: Apache-2.0
// init: task 1. Starts the program that its argument string names, with the rest as arguments, says
// how it ended, and stays. `idle` starts nothing. `devices PROGRAM` gives the program rights to the
// devices that the archive's file etc/devices lists, in their order: two numbers for each, the
// address of its registers and their size; and it may ask for interrupts. `schedule PROGRAM` lets
// the program schedule its threads before those of others, and take CPUs out.
#include "user/lib/right.hpp"
#include "user/lib/task.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

class Devices final {
  public:
    [[nodiscard]] Status read() {
        const auto file = system::open_object("etc/devices");
        if (!file) return file.status();
        const auto address = system::map_object(*file, abi::ProtectionRead);
        if (!address) return address.status();
        // Behind the end of the file there are zeroes, if only in its last page.
        const auto* text = reinterpret_cast<const char*>(*address);
        size_t length = 0;
        while (length < abi::page_size && text[length] != '\0') ++length;
        return create({text, length});
    }

    std::span<const uint32_t> handles() const { return {handles_, count_}; }

  private:
    Status create(std::string_view text) {
        while (!text.empty() && count_ < abi::max_spawn_objects) {
            const auto address = parse_number(take_word(text));
            const auto size = parse_number(take_word(text));
            if (!address || !size) return Status::InvalidArgument;
            const auto handle = system::create_device_object(*address, *size);
            if (!handle) return handle.status();
            handles_[count_++] = *handle;
        }
        return text.empty() ? Status::Ok : Status::LimitReached;
    }

    uint32_t handles_[abi::max_spawn_objects] = {};
    uint32_t count_ = 0;
};

void run(std::string_view arguments) {
    std::string_view path = arguments.empty() ? "bin/shell" : take_word(arguments);
    Devices devices;
    uint32_t system_rights = abi::right_usual_system;
    if (path == "devices") {
        const Status status = devices.read();
        if (status != Status::Ok) return print("init: etc/devices: {}\n", status);
        path = take_word(arguments);
        system_rights |= abi::RightInterrupts;
    }
    if (path == "schedule") {
        system_rights |= abi::RightSchedule;
        path = take_word(arguments);
    }
    const auto task = system::spawn_task(path, arguments, 0, devices.handles(), system_rights);
    if (!task) return print("init: cannot start {}: {}\n", path, task.status());
    if (const auto report = system::read_right(*task)) {
        print("init: started {} as task {}\n", path, report->number);
    }

    const auto result = system::wait_task(*task);
    if (!result) return print("init: cannot wait for {}: {}\n", path, result.status());
    print_end("init: ", path, *result);
}

}  // namespace

int user_main(std::string_view arguments) {
    while (!arguments.empty() && arguments.back() == ' ') arguments.remove_suffix(1);
    while (!arguments.empty() && arguments.front() == ' ') arguments.remove_prefix(1);
    if (arguments == "idle") {
        print("init: idle\n");
    } else {
        run(arguments);
    }

    // An idle phone is to be really idle: one wake-up in 146 years.
    for (;;) system::sleep(uint64_t{1} << 62);
}

}  // namespace user
