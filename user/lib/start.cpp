// SPDX-License-Identifier: Apache-2.0
// From _start to the program's user_main(), and from its result to the task's end.
#include "user/lib/system.hpp"

extern "C" [[noreturn]] void user_start(const char* arguments, size_t length);

void user_start(const char* arguments, size_t length) {
    user::system::exit_task(user::user_main({arguments, length}));
}
