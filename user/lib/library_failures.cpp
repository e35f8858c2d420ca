// SPDX-License-Identifier: Apache-2.0
// What the freestanding library headers call where a hosted program would get an exception: a bug
// of the program, which ends it with a fault.
namespace std {

[[noreturn]] void __throw_out_of_range_fmt(const char*, ...);

void __throw_out_of_range_fmt(const char*, ...) {
    __builtin_trap();
}

}  // namespace std
