// SPDX-License-Identifier: Apache-2.0
// An address space over frames to test with.
#pragma once

#include <gtest/gtest.h>

#include "kernel/abi/syscall.hpp"
#include "kernel/memory/address_space.hpp"
#include "tests/kernel/frames_bench.hpp"

namespace kernel {

constexpr uint32_t read_only = abi::ProtectionRead;
constexpr uint32_t read_write = abi::ProtectionRead | abi::ProtectionWrite;
constexpr uint32_t read_execute = abi::ProtectionRead | abi::ProtectionExecute;

struct AddressSpaceBench : testing::Test {
    static constexpr uint64_t page = hal::page_size;
    static constexpr uint64_t frame_count = 1024;
    static constexpr uint64_t frame_limit = 600;
    static constexpr uint16_t asid = 5;
    // Physical memory that belongs to nobody, for borrowing.
    static constexpr PhysicalAddress foreign = FramesBench::begin + 2 * frame_count * page;

    void SetUp() override { ASSERT_EQ(space.create(), Status::Ok); }
    // Whatever a test did: all frames are back in the end.
    void TearDown() override {
        space.destroy();
        EXPECT_EQ(space.frames_owned(), 0U);
        EXPECT_EQ(bench.heap.frames_used(), 0U);
        EXPECT_EQ(bench.free_count, frame_count);
        EXPECT_TRUE(bench.freelist.consistent());
    }

    // What a program may do at an address, found out by doing it.
    [[nodiscard]] bool readable(VirtualAddress at) {
        char byte = 0;
        return space.read(&byte, at, 1) == Status::Ok;
    }
    [[nodiscard]] bool writable(VirtualAddress at) {
        char byte = 0;
        if (space.read(&byte, at, 1) != Status::Ok) return false;
        return space.write(at, &byte, 1) == Status::Ok;
    }
    void touch(VirtualAddress at, unsigned pages) {
        for (unsigned i = 0; i < pages; ++i) EXPECT_TRUE(readable(at + i * page));
    }
    [[nodiscard]] unsigned regions() {
        unsigned count = 0;
        space.for_each_region([&](const Region&) { ++count; });
        return count;
    }
    // Nothing is lost: what is not free belongs to the space or to the heap.
    void expect_balance() {
        EXPECT_EQ(bench.free_count + space.frames_owned() + bench.heap.frames_used(), frame_count);
    }

    FramesBench bench{frame_count};
    AddressSpace space{bench.memory, asid, frame_limit};
};

}  // namespace kernel
