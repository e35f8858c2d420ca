// SPDX-License-Identifier: Apache-2.0
// The kernel command line: words that are understood and words that are not.
#include "kernel/boot/command_line.hpp"

#include <gtest/gtest.h>

namespace kernel {
namespace {

TEST(CommandLine, AnEmptyOneLeavesTheDefaults) {
    for (const char* text : {"", " ", "    "}) {
        CommandLine options;
        EXPECT_EQ(parse_command_line(text, options), Status::Ok);
        EXPECT_EQ(options.page_allocator, "buddy");
        EXPECT_EQ(options.kernel_heap, "simple");
        EXPECT_FALSE(options.heap_debug);
        EXPECT_EQ(options.init, "bin/init");
        EXPECT_EQ(options.init_arguments, "");
        EXPECT_FALSE(options.trace);
        EXPECT_EQ(options.trace_records, 65536U);
        EXPECT_EQ(options.hold_nanoseconds, 0U);
        EXPECT_EQ(options.cpus, 8U);
        EXPECT_EQ(options.task_memory_percent, 25U);
        EXPECT_EQ(options.memory_limit, UINT64_MAX);
        EXPECT_EQ(options.swap_memory_percent, 25U);
        EXPECT_EQ(options.swap_disk, 0U);
    }
}

TEST(CommandLine, UnderstandsEveryKey) {
    CommandLine options;
    ASSERT_EQ(parse_command_line(" page_allocator=freelist init=bin/shell  trace=on "
                                 "trace_records=256 hold=1000000000 cpus=3 task_memory=100 "
                                 "cpu_performance=50% kernel_heap=tlsf heap_debug=on "
                                 "governor=schedutil placement=energy ",
                                 options),
              Status::Ok);
    EXPECT_EQ(options.init, "bin/shell");
    EXPECT_TRUE(options.trace);
    EXPECT_EQ(options.trace_records, 256U);
    EXPECT_EQ(options.hold_nanoseconds, 1'000'000'000U);
    EXPECT_EQ(options.cpus, 3U);
    EXPECT_EQ(options.task_memory_percent, 100U);
    EXPECT_EQ(options.kernel_heap, "tlsf");
    EXPECT_TRUE(options.heap_debug);
    EXPECT_EQ(options.cpu_performance.kind, PerformanceWish::Kind::Percent);
    EXPECT_EQ(options.cpu_performance.value, 50U);
    EXPECT_EQ(options.governor, Governor::Schedutil);
    EXPECT_TRUE(options.energy_placement);
    EXPECT_EQ(options.bad_word, "");
}

TEST(CommandLine, UnderstandsHugePages) {
    using Mode = Memory::HugePages;
    const auto parse = [](std::string text) {
        CommandLine options;
        EXPECT_EQ(parse_command_line("huge_pages=" + text, options), Status::Ok) << text;
        return options.huge_pages;
    };
    EXPECT_EQ(parse("always"), Mode::Always);
    EXPECT_EQ(parse("promote"), Mode::Promote);
    EXPECT_EQ(parse("never"), Mode::Never);
    CommandLine options;
    EXPECT_NE(parse_command_line("huge_pages=some", options), Status::Ok);
}

TEST(CommandLine, UnderstandsSetsOfCpus) {
    const auto parse = [](std::string text) {
        CommandLine options;
        EXPECT_EQ(parse_command_line("isolated_cpus=" + text, options), Status::Ok) << text;
        return options.isolated_cpus;
    };
    EXPECT_EQ(parse("1"), 0x02U);
    EXPECT_EQ(parse("1,4-6"), 0x72U);
    EXPECT_EQ(parse("7-7,2"), 0x84U);
    // The boot CPU serves everybody, and there are eight of them.
    for (const std::string text : {"", "0", "0-2", "8", "3-9", "5-4", "1,", ",1", "1-", "-1", "a",
                                   "1-b", "18446744073709551616"}) {
        const std::string word = "isolated_cpus=" + text;
        CommandLine options;
        EXPECT_NE(parse_command_line(word, options), Status::Ok);
        EXPECT_EQ(options.bad_word, word);
    }
}

TEST(CommandLine, UnderstandsWishesForOperatingPoints) {
    using Kind = PerformanceWish::Kind;
    const auto parse = [](std::string text) {
        CommandLine options;
        EXPECT_EQ(parse_command_line("cpu_performance=" + text, options), Status::Ok) << text;
        return options.cpu_performance;
    };
    EXPECT_EQ(parse("highest").kind, Kind::Highest);
    EXPECT_EQ(parse("lowest").kind, Kind::Lowest);
    EXPECT_EQ(parse("1200000").kind, Kind::Kilohertz);
    EXPECT_EQ(parse("1200000").value, 1'200'000U);
    EXPECT_EQ(parse("100%").value, 100U);
}

TEST(CommandLine, UnderstandsSizes) {
    const auto parse = [](std::string text, Status expected = Status::Ok) {
        CommandLine options;
        EXPECT_EQ(parse_command_line("swap_disk=" + text, options), expected) << text;
        return options.swap_disk;
    };
    EXPECT_EQ(parse("0"), 0U);
    EXPECT_EQ(parse("8192"), 8192U);
    EXPECT_EQ(parse("3K"), 3072U);
    EXPECT_EQ(parse("64M"), uint64_t{64} << 20);
    EXPECT_EQ(parse("2G"), uint64_t{2} << 30);
    for (const char* text : {"", "M", "1T", "1m", "-1", "1MM", "9999999999G", "1.5M"}) {
        (void)parse(text, Status::InvalidArgument);
    }
    CommandLine options;
    EXPECT_EQ(parse_command_line("memory_limit=1M swap_memory=0", options), Status::Ok);
    EXPECT_EQ(options.memory_limit, uint64_t{1} << 20);
    EXPECT_EQ(options.swap_memory_percent, 0U);
    EXPECT_EQ(parse_command_line("memory_limit=1023K", options), Status::InvalidArgument);
    EXPECT_EQ(parse_command_line("swap_memory=51", options), Status::InvalidArgument);
}

TEST(CommandLine, TheLastWordOfAKeyCounts) {
    CommandLine options;
    ASSERT_EQ(parse_command_line("trace=on cpus=2 trace=off cpus=4", options), Status::Ok);
    EXPECT_FALSE(options.trace);
    EXPECT_EQ(options.cpus, 4U);
}

TEST(CommandLine, WhatFollowsTheDashesIsInits) {
    CommandLine options;
    ASSERT_EQ(parse_command_line("cpus=2 -- run  test --fast=1 --", options), Status::Ok);
    EXPECT_EQ(options.cpus, 2U);
    EXPECT_EQ(options.init_arguments, "run  test --fast=1 --");
    CommandLine bare;
    ASSERT_EQ(parse_command_line("cpus=2 --", bare), Status::Ok);
    EXPECT_EQ(bare.init_arguments, "");
}

TEST(CommandLine, NamesTheFirstWordThatItDoesNotUnderstand) {
    for (const char* word : {"quiet",
                             "=",
                             "=1",
                             "trace",
                             "trace=",
                             "trace=yes",
                             "trace=ON",
                             "cpus=",
                             "cpus=0",
                             "cpus=-1",
                             "cpus=two",
                             "cpus=1x",
                             "cpus=99999999999999999999",
                             "hold=1s",
                             "hold=",
                             "init=",
                             "page_allocator=buddies",
                             "page_allocator=Buddy",
                             "page_cache=yes",
                             "page_cache=",
                             "page_allocator=",
                             "kernel_heap=magic",
                             "kernel_heap=",
                             "heap_debug=yes",
                             "task_memory=0",
                             "task_memory=101",
                             "cpu_performance=",
                             "cpu_performance=0",
                             "cpu_performance=%",
                             "cpu_performance=101%",
                             "cpu_performance=fast",
                             "trace_records=0",
                             "trace_records=128",
                             "trace_records=1000",
                             "trace_records=8388608",
                             "Trace=on",
                             "trace=on,",
                             "---",
                             "--x"}) {
        CommandLine options;
        const std::string text = std::string("cpus=2 ") + word + " nonsense";
        EXPECT_EQ(parse_command_line(text, options), Status::InvalidArgument) << word;
        EXPECT_EQ(options.bad_word, word);
    }
}

TEST(CommandLine, NumbersGoUpToNineteenDigits) {
    CommandLine options;
    EXPECT_EQ(parse_command_line("hold=9999999999999999999", options), Status::Ok);
    EXPECT_EQ(options.hold_nanoseconds, 9'999'999'999'999'999'999U);
}

}  // namespace
}  // namespace kernel
