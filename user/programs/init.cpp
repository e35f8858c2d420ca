// SPDX-License-Identifier: Apache-2.0
// init: task 1. Starts the program that its argument string names, with the rest as arguments, says
// how it ended, and stays. `idle` starts nothing.
#include "user/lib/task.hpp"
#include "user/lib/words.hpp"

namespace user {

namespace {

void run(std::string_view arguments) {
    const std::string_view path = arguments.empty() ? "bin/shell" : take_word(arguments);
    const auto task = system::spawn_task(path, arguments);
    if (!task) return print("init: cannot start {}: {}\n", path, task.status());
    print("init: started {} as task {}\n", path, *task);

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
