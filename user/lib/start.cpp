// SPDX-License-Identifier: Apache-2.0
// From _start to the program's user_main(), and from its result to the task's end.
//
// The kernel loads a program at a random distance from where it was linked. The linker lists the
// stored addresses (SHT_RELR of the ELF specification), and the program adds the distance to each.
#include "user/lib/system.hpp"
#include "user/lib/thread_locals.hpp"

extern "C" {

// Hidden: reached without a stored address, as there is none yet that would be right.
[[gnu::visibility("hidden")]] extern const uint64_t relocations_begin[];
[[gnu::visibility("hidden")]] extern const uint64_t relocations_end[];
[[gnu::visibility("hidden")]] extern const uint64_t linked_at;

[[noreturn]] void user_start(const char* arguments, size_t length);

}  // extern "C"

namespace {

constexpr int no_memory_exit = 127;  // as shells do where a program cannot even begin

// Entries are the address of a word, or a bitmap of those among the next 63 words that hold
// addresses too. Precondition: called once; nothing that is stored is looked at before.
void relocate() {
    const uint64_t slide = user::system::address_of(&linked_at) - linked_at;
    if (slide == 0) return;
    const auto move = [slide](uint64_t at) { *reinterpret_cast<uint64_t*>(at) += slide; };
    uint64_t next = 0;
    for (const uint64_t* entry = relocations_begin; entry != relocations_end; ++entry) {
        if ((*entry & 1) == 0) {
            move(*entry + slide);
            next = *entry + slide + 8;
            continue;
        }
        for (uint64_t bits = *entry >> 1, at = next; bits != 0; bits >>= 1, at += 8) {
            if ((bits & 1) != 0) move(at);
        }
        next += 63 * 8;
    }
}

}  // namespace

void user_start(const char* arguments, size_t length) {
    relocate();
    if (!user::thread_locals::begin()) user::system::exit_task(no_memory_exit);
    user::system::exit_task(user::user_main({arguments, length}));
}
