// SPDX-License-Identifier: Apache-2.0
// Makes arguments of system calls from bytes: mostly such as a call can do something with, now and
// then anything. Remembers what calls returned, so that later ones find things that exist.
#pragma once

#include <cstdint>

#include "tests/fuzz/byte_source.hpp"
#include "tests/fuzz/call_table.hpp"
#include "tests/kernel/running_kernel.hpp"

namespace fuzz {

class ArgumentMaker final {
  public:
    explicit ArgumentMaker(kernel::RunningKernel& machine) : machine_(machine) {}

    // The value; structures and texts are written to the memory of the running task.
    uint64_t make(const Argument& argument, ByteSource& source) {
        return make(argument, source, 0);
    }
    void remember(Kind kind, uint64_t value);

  private:
    static constexpr unsigned pool_size = 16;
    // The newest of what calls returned.
    struct Pool {
        uint64_t values[pool_size] = {};
        unsigned next = 0;
    };

    uint64_t make(const Argument& argument, ByteSource& source, unsigned depth);
    [[nodiscard]] uint64_t any(ByteSource& source);
    [[nodiscard]] uint64_t address(ByteSource& source);
    [[nodiscard]] uint64_t pages(ByteSource& source);
    [[nodiscard]] uint64_t duration(ByteSource& source);
    [[nodiscard]] uint64_t pooled(const Pool& pool, uint8_t choice) const;
    [[nodiscard]] uint64_t place(ByteSource& source);
    uint64_t text(ByteSource& source);
    uint64_t numbers(ByteSource& source, unsigned bytes);
    uint64_t build(const StructureDescription& shape, ByteSource& source, unsigned depth);
    // The user's memory, as far as it lets itself be written.
    void store(uint64_t address, const void* bytes, uint64_t size);

    kernel::RunningKernel& machine_;
    Pool tasks_;
    Pool threads_;
    Pool handles_;
    Pool ports_;
    Pool containers_;
    Pool addresses_;
    uint64_t text_length_ = 0;
};

}  // namespace fuzz
