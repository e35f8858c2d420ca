// SPDX-License-Identifier: Apache-2.0
// chatter LINES: prints that many full-sized lines as fast as it may, then reads one line and says
// how long it is. Regression: input that came while somebody printed used to be lost.
#include "user/lib/console.hpp"
#include "user/lib/system.hpp"
#include "user/lib/words.hpp"

namespace user {

int user_main(std::string_view arguments) {
    const auto lines = parse_number(take_word(arguments));
    if (!lines) {
        print("chatter: usage: chatter LINES\n");
        return 2;
    }
    print("chatter: begins\n");
    char line[abi::console_chunk];
    for (char& character : line) character = '.';
    line[sizeof line - 1] = '\n';
    for (uint64_t i = 0; i < *lines; ++i) write_text({line, sizeof line});

    uint64_t length = 0;
    for (char byte = 0; byte != '\r' && byte != '\n'; ++length) {
        const auto read = system::read_console({&byte, 1});
        if (!read) return 1;
    }
    print("chatter: heard {} characters\n", length - 1);
    return 0;
}

}  // namespace user
