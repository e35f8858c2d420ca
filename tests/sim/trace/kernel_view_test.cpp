// SPDX-License-Identifier: Apache-2.0
// Tests of KernelView.
#include "sim/trace/kernel_view.hpp"

#include <cstring>

#include <gtest/gtest.h>
#include "tests/sim/trace/fake_phone.hpp"

namespace orrery::trace {
namespace {

using testing::FakePhone;

std::string reason(const FakePhone& phone, uint64_t physical = FakePhone::info_physical) {
    EXPECT_FALSE(KernelView::present(phone.memory(), physical));
    try {
        const KernelView view(phone.memory(), physical);
    } catch (const TraceError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(KernelView, ReadsValues) {
    const FakePhone phone(3);
    phone.info().boot_ticks = 5;
    phone.info().init_ticks = 6;
    phone.info().power_off_code = -7;
    phone.info().frames_total = 8;
    // CPU 1 has given back what CPU 0 took.
    phone.info().frame_counts[0].owners[2] = 5;
    phone.info().frame_counts[0].owners[0] = 0 - uint64_t{5};
    phone.info().frame_counts[1].owners[2] = 0 - uint64_t{2};
    phone.info().frame_counts[1].owners[0] = 2;
    phone.info().frame_record_bytes = 128;
    phone.info().frames.nodes_present = 2;
    phone.info().frames.nodes[1].free_blocks[10] = 77;
    phone.info().hold_ticks = 10;
    phone.info().holds = 11;
    phone.info().console_written = 12;
    phone.info().console_read = 13;
    phone.info().cpus[2].thread = 14;

    ASSERT_TRUE(KernelView::present(phone.memory(), FakePhone::info_physical));
    const KernelView view(phone.memory(), FakePhone::info_physical);
    EXPECT_EQ(view.state(), abi::KernelState::Running);
    EXPECT_EQ(view.boot_ticks(), 5u);
    EXPECT_EQ(view.init_ticks(), 6u);
    EXPECT_EQ(view.power_off_code(), -7);
    EXPECT_EQ(view.frames_total(), 8u);
    EXPECT_EQ(view.frames_free(), 5u);
    EXPECT_EQ(view.frames_of(kernel::abi::FrameOwner::Tables), 3u);
    EXPECT_EQ(view.frames_of(kernel::abi::FrameOwner::Kernel), 0u);
    EXPECT_EQ(view.frame_record_bytes(), 128u);
    EXPECT_EQ(view.frames().nodes_present, 2u);
    EXPECT_EQ(view.frames().nodes[1].free_blocks[10], 77u);
    EXPECT_EQ(view.hold_ticks(), 10u);
    EXPECT_EQ(view.holds(), 11u);
    EXPECT_EQ(view.console_written(), 12u);
    EXPECT_EQ(view.console_read(), 13u);
    ASSERT_EQ(view.cpus().size(), 3u);
    EXPECT_EQ(view.cpus()[2].thread, 14u);
    EXPECT_FALSE(view.epitaph().has_value());
    EXPECT_THROW((void)view.ring(abi::max_cpus), TraceError);
}

TEST(KernelView, SaysWhatIsWrongWithTheInfo) {
    const FakePhone phone;
    EXPECT_NE(reason(phone, 0).find("not in RAM"), std::string::npos);
    EXPECT_NE(reason(phone, FakePhone::info_physical + 4).find("misaligned"), std::string::npos);
    EXPECT_NE(reason(phone, FakePhone::ram_base + FakePhone::ram_size - 8).find("not in RAM"),
              std::string::npos);
    phone.info().size = 12;
    EXPECT_NE(reason(phone).find("has 12 bytes"), std::string::npos);
    phone.info().version = 99;
    EXPECT_NE(reason(phone).find("has version 99"), std::string::npos);
    phone.info().magic = 0xbad;
    EXPECT_NE(reason(phone).find("magic number is 0xbad"), std::string::npos);
}

TEST(KernelView, ShowsLoadAndPressure) {
    const FakePhone phone;
    std::strcpy(phone.info().schedule.policy, "fair");
    phone.info().schedule.cpus[1].runnable = 3;
    phone.info().schedule.some.total = 17;
    const abi::ScheduleInfo schedule =
        KernelView(phone.memory(), FakePhone::info_physical).schedule();
    EXPECT_STREQ(schedule.policy, "fair");
    EXPECT_EQ(schedule.cpus[1].runnable, 3u);
    EXPECT_EQ(schedule.some.total, 17u);
}

TEST(KernelView, NeverShowsMoreCpusThanThereCanBe) {
    const FakePhone phone;
    const KernelView view(phone.memory(), FakePhone::info_physical);
    phone.info().cpus_present = 1'000'000;
    EXPECT_EQ(view.cpus().size(), abi::max_cpus);
}

TEST(KernelView, ListsUsedTasks) {
    const FakePhone phone;
    phone.info().tasks[0].id = 4;
    std::strcpy(phone.info().tasks[0].name, "init");
    phone.info().tasks[255].id = 9;
    std::memset(phone.info().tasks[255].name, 'x', abi::name_size);  // without its NUL
    const KernelView view(phone.memory(), FakePhone::info_physical);
    const auto tasks = view.tasks();
    ASSERT_EQ(tasks.size(), 2u);
    EXPECT_EQ(tasks[0].name, "init");
    EXPECT_EQ(tasks[1].info.id, 9u);
    EXPECT_EQ(tasks[1].name, std::string(abi::name_size, 'x'));
}

TEST(KernelView, KeepsTheNewestFaultsInOrder) {
    const FakePhone phone;
    const KernelView view(phone.memory(), FakePhone::info_physical);
    EXPECT_TRUE(view.faults().empty());
    constexpr uint64_t count = abi::max_fault_reports + 6;
    for (uint64_t number = 0; number < count; ++number) {
        phone.info().faults[number % abi::max_fault_reports].ticks = number;
        phone.info().fault_count = number + 1;
        if (number == 2) {
            ASSERT_EQ(view.faults().size(), 3u);
            EXPECT_EQ(view.faults()[0].report.ticks, 0u);
        }
    }
    const auto faults = view.faults();
    ASSERT_EQ(faults.size(), abi::max_fault_reports);
    EXPECT_EQ(faults.front().report.ticks, 6u);
    EXPECT_EQ(faults.back().report.ticks, count - 1);
}

TEST(KernelView, ShowsTheLastWordsOfAPanic) {
    const FakePhone phone;
    phone.info().epitaph.valid = 1;
    phone.info().epitaph.line = 42;
    const KernelView view(phone.memory(), FakePhone::info_physical);
    ASSERT_TRUE(view.epitaph().has_value());
    EXPECT_EQ(view.epitaph()->line, 42u);
}

TEST(KernelView, ConvertsTimeExactly) {
    const FakePhone phone;
    const KernelView view(phone.memory(), FakePhone::info_physical);
    phone.info().timer_frequency = 62'500'000;  // 16 ns
    EXPECT_EQ(view.nanoseconds(3), 48u);
    EXPECT_EQ(view.ticks(48), 3u);
    EXPECT_EQ(view.ticks(49), 4u);
    phone.info().timer_frequency = 24'000'000;  // 41.666… ns
    EXPECT_EQ(view.nanoseconds(1), 41u);
    EXPECT_EQ(view.nanoseconds(24'000'000'000'000'000), 1'000'000'000'000'000'000u)
        << "a product beyond 64 bits";
    EXPECT_EQ(view.nanoseconds(UINT64_MAX), UINT64_MAX);
    for (const uint64_t ticks : {0ull, 1ull, 12'345'678'901ull}) {
        EXPECT_EQ(view.ticks(view.nanoseconds(ticks)), ticks);
    }
    phone.info().timer_frequency = 0;
    EXPECT_THROW((void)view.nanoseconds(1), TraceError);
    EXPECT_THROW((void)view.ticks(1), TraceError);
}

TEST(KernelView, SetsTheHold) {
    const FakePhone phone;
    KernelView view(phone.memory(), FakePhone::info_physical);
    view.set_hold_at(2'500);
    EXPECT_EQ(phone.info().hold_at, 3u) << "not before the time";
    view.set_hold_at(0);
    EXPECT_EQ(phone.info().hold_at, 1u) << "zero would mean never";
    view.clear_hold();
    EXPECT_EQ(view.hold_at(), 0u);
}

}  // namespace
}  // namespace orrery::trace
