// SPDX-License-Identifier: Apache-2.0
// What the arguments of system calls mean, so that the fuzzer makes some that get far: a row a
// call, or several where its arguments mean several things, and a row a structure. A number that is
// no call is made with arbitrary arguments.
#pragma once

#include <cstdint>

#include "kernel/abi/syscall.hpp"

namespace fuzz {

enum class Kind : uint8_t {
    Any = 0,      // an arbitrary number, often one near a border
    Zero,         // always 0
    Choice,       // one of few small numbers, such as an enumeration
    Few,          // the same, of three or four
    Count,        // of things
    Bits,         // flags and masks
    Address,      // of user memory, mapped or nearly so
    PageAddress,  // the same, at a page's start, or 0
    Size,         // bytes
    PageSize,     // bytes, whole pages
    Protection,   // with MapFlags
    MapFlags,     // alone
    Nanoseconds,
    Timeout,    // the same, often no wait at all
    RightMask,  // many rights
    Interrupt,  // of a device
    Entry,      // of a thread
    Stack,      // of a thread
    Task,       // name
    Thread,     // name
    Handle,     // name of an object or a right
    Port,       // name of a port or a port set
    Container,  // name
    // Addresses of what the fuzzer puts there.
    Text,        // a path of the archive, or some words
    TextLength,  // of the text that was made last
    Words,       // numbers of 32 bits: names, futexes
    Numbers,     // of 64 bits
    Out,         // room for what the kernel writes
    Structure,
    Transfer,  // the same, but often 0
};

struct Field {
    uint16_t offset;
    uint8_t bytes;  // 1, 2, 4 or 8
    Kind kind;
    uint8_t structure = 0;  // for Kind::Structure: index in structures()
};

struct StructureDescription {
    const char* name;
    uint16_t size;
    uint16_t count;  // that lie one behind the other
    Field fields[16];
};

struct Argument {
    Kind kind = Kind::Any;
    uint8_t structure = 0;  // for Kind::Structure
};

struct CallDescription {
    kernel::abi::SystemCall call;
    Argument arguments[6] = {};
    Kind result = Kind::Any;  // what x0 is afterwards, to be used again
    bool ends_much = false;   // made only when the input insists
};

// The first number from this one on that has a row, in a circle: inputs keep their meaning when
// calls are added elsewhere.
[[nodiscard]] uint64_t next_described(uint64_t number);
[[nodiscard]] const StructureDescription& structure(uint8_t index);
// Null for a call that has no row. Of several rows the `variant`-th, in a circle.
[[nodiscard]] const CallDescription* find_description(uint64_t number, uint8_t variant);

}  // namespace fuzz
