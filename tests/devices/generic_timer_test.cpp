// SPDX-License-Identifier: Apache-2.0
// The generic timer: the counter's exactness, and when the timers' condition holds.
#include "devices/generic_timer.hpp"

#include "tests/devices/bench.hpp"

namespace orrery::devices {

namespace {

using Register = TimerRegister;
using Channel = GenericTimer::Channel;
using sc_core::sc_time;
using sc_core::sc_time_stamp;

constexpr uint64_t enable = TimerControl::ENABLE;
constexpr uint64_t masked = TimerControl::IMASK;
constexpr uint64_t status = TimerControl::ISTATUS;

struct Change final {
    Channel channel;
    bool level;
    sc_time when;
    bool operator==(const Change&) const = default;
};

struct Bench final {
    Recorder recorder;
    GenericTimer nanosecond{"nanosecond", 1'000'000'000};
    GenericTimer uneven{"uneven", 24'000'000, &recorder};  // 41666.67 picoseconds a tick
    GenericTimer sixteen{"sixteen", 62'500'000};
    std::vector<Change> changes;  // of `uneven`

    Bench() {
        uneven.on_interrupt = [this](Channel channel, bool level) {
            changes.push_back({channel, level, sc_time_stamp()});
        };
    }
};

Bench* bench = nullptr;

class GenericTimerTest : public testing::Test {
  protected:
    void SetUp() override {
        timer.reset();
        bench->changes.clear();
        bench->recorder.events.clear();
        sc_core::wait(nanoseconds(12'345));
    }
    void write(Register which, uint64_t value) { timer.write(which, value, sc_time_stamp()); }
    uint64_t read(Register which) { return timer.read(which, sc_time_stamp()); }
    uint64_t count() { return timer.count(sc_time_stamp()); }
    static void wait_until(const sc_time& when) { sc_core::wait(when - sc_time_stamp()); }

    GenericTimer& timer = bench->uneven;
    std::vector<Change>& changes = bench->changes;
};

}  // namespace

std::shared_ptr<void> elaborate() {
    auto made = std::make_shared<Bench>();
    bench = made.get();
    return made;
}

TEST_F(GenericTimerTest, CountsExactly) {
    const sc_time second{1, sc_core::SC_SEC};
    const sc_time day = 86'400.0 * second;
    EXPECT_EQ(bench->nanosecond.count(nanoseconds(999)), 999U);
    EXPECT_EQ(bench->sixteen.count(nanoseconds(15)), 0U);
    EXPECT_EQ(bench->sixteen.count(nanoseconds(16)), 1U);
    EXPECT_EQ(timer.count(picoseconds(41'666)), 0U);
    EXPECT_EQ(timer.count(picoseconds(41'667)), 1U);
    // A day loses no tick, and has none too many.
    EXPECT_EQ(timer.count(day), 86'400ULL * 24'000'000ULL);
    EXPECT_EQ(timer.count(day - picoseconds(1)), 86'400ULL * 24'000'000ULL - 1);
    EXPECT_EQ(read(Register::CNTFRQ), 24'000'000U);
}

TEST_F(GenericTimerTest, FindsTheFirstMomentOfEveryCount) {
    for (GenericTimer* each : {&bench->nanosecond, &bench->uneven, &bench->sixteen}) {
        for (const uint64_t count : {1ULL, 2ULL, 3ULL, 7ULL, 1'000'003ULL, 2'073'600'000'001ULL}) {
            const sc_time first = each->time_of(count);
            EXPECT_EQ(each->count(first), count);
            EXPECT_EQ(each->count(first - picoseconds(1)), count - 1);
        }
    }
    EXPECT_EQ(timer.time_of(0), sc_core::SC_ZERO_TIME);
    EXPECT_EQ(timer.time_of(UINT64_MAX), sc_core::sc_max_time());
}

TEST_F(GenericTimerTest, ReadsTheCounterAtTheTimeOfTheCpu) {
    const sc_time ahead = sc_time_stamp() + nanoseconds(1'000'000);
    EXPECT_EQ(timer.read(Register::CNTPCT, ahead), timer.count(ahead));
    EXPECT_EQ(timer.read(Register::CNTPCT, ahead), timer.read(Register::CNTVCT, ahead));
    EXPECT_GT(timer.read(Register::CNTPCT, ahead), count());
}

TEST_F(GenericTimerTest, ExpiresAtTheFirstMomentOfTheCompareValue) {
    const uint64_t compare = count() + 1000;
    write(Register::CNTV_CVAL, compare);
    write(Register::CNTV_CTL, enable);
    const sc_time expiry = timer.time_of(compare);
    wait_until(expiry - picoseconds(1));
    EXPECT_EQ(read(Register::CNTV_CTL), enable);
    EXPECT_TRUE(changes.empty());
    sc_core::wait(nanoseconds(1));
    EXPECT_EQ(changes, (std::vector<Change>{{Channel::virtual_, true, expiry}}));
    EXPECT_EQ(read(Register::CNTV_CTL), enable | status);
    EXPECT_EQ(bench->recorder.events["virtual_expired"], std::vector<uint64_t>{compare});
}

TEST_F(GenericTimerTest, KeepsTheTwoTimersApart) {
    write(Register::CNTP_TVAL, 100);
    write(Register::CNTV_TVAL, 200);
    const sc_time first = timer.time_of(count() + 100);
    const sc_time second = timer.time_of(count() + 200);
    write(Register::CNTP_CTL, enable);
    write(Register::CNTV_CTL, enable);
    sc_core::wait(nanoseconds(20'000));
    EXPECT_EQ(changes, (std::vector<Change>{{Channel::physical, true, first},
                                            {Channel::virtual_, true, second}}));
    write(Register::CNTP_CTL, 0);
    EXPECT_FALSE(timer.interrupt(Channel::physical));
    EXPECT_TRUE(timer.interrupt(Channel::virtual_));
}

TEST_F(GenericTimerTest, TellsWhenTheNextOutputRises) {
    EXPECT_EQ(timer.next_interrupt(), sc_core::sc_max_time());
    const uint64_t compare = count() + 200;
    write(Register::CNTV_CVAL, compare);
    write(Register::CNTP_CVAL, compare - 100);
    EXPECT_EQ(timer.next_interrupt(), sc_core::sc_max_time());
    write(Register::CNTV_CTL, enable);
    EXPECT_EQ(timer.next_interrupt(), timer.time_of(compare));
    write(Register::CNTP_CTL, enable | masked);
    EXPECT_EQ(timer.next_interrupt(), timer.time_of(compare));
    write(Register::CNTP_CTL, enable);
    EXPECT_EQ(timer.next_interrupt(), timer.time_of(compare - 100));
    sc_core::wait(nanoseconds(20'000));
    EXPECT_EQ(timer.next_interrupt(), sc_core::sc_max_time());
}

TEST_F(GenericTimerTest, HoldsItsLevelUntilTheConditionEnds) {
    write(Register::CNTV_CTL, enable);  // compare value 0: expired since the start
    EXPECT_TRUE(timer.interrupt(Channel::virtual_));
    sc_core::wait(nanoseconds(1000));
    EXPECT_TRUE(timer.interrupt(Channel::virtual_));
    write(Register::CNTV_CVAL, count() + 10);
    EXPECT_FALSE(timer.interrupt(Channel::virtual_));
    sc_core::wait(nanoseconds(1000));
    EXPECT_TRUE(timer.interrupt(Channel::virtual_));
}

TEST_F(GenericTimerTest, MaskHidesTheInterruptButNotTheStatus) {
    write(Register::CNTV_CTL, enable | masked);
    write(Register::CNTV_TVAL, 10);
    EXPECT_EQ(read(Register::CNTV_CTL), enable | masked);
    sc_core::wait(nanoseconds(1000));
    EXPECT_EQ(read(Register::CNTV_CTL), enable | masked | status);
    EXPECT_TRUE(changes.empty());
    write(Register::CNTV_CTL, enable);
    EXPECT_TRUE(timer.interrupt(Channel::virtual_));
    write(Register::CNTV_CTL, enable | masked);
    EXPECT_FALSE(timer.interrupt(Channel::virtual_));
}

TEST_F(GenericTimerTest, StatusIsReadOnlyAndZeroWhileDisabled) {
    write(Register::CNTP_CTL, status);
    EXPECT_EQ(read(Register::CNTP_CTL), 0U);
    EXPECT_FALSE(timer.interrupt(Channel::physical));
    write(Register::CNTPCT, 0);
    EXPECT_EQ(read(Register::CNTPCT), count());
}

TEST_F(GenericTimerTest, DisabledTimerDoesNotExpire) {
    write(Register::CNTV_TVAL, 10);
    write(Register::CNTV_CTL, enable);
    write(Register::CNTV_CTL, 0);
    sc_core::wait(nanoseconds(10'000));
    EXPECT_TRUE(changes.empty());
}

TEST_F(GenericTimerTest, TimerValueCountsDownPastZero) {
    write(Register::CNTV_TVAL, 100);
    EXPECT_EQ(read(Register::CNTV_CVAL), count() + 100);
    EXPECT_EQ(read(Register::CNTV_TVAL), 100U);
    wait_until(timer.time_of(count() + 130));
    EXPECT_EQ(static_cast<int32_t>(read(Register::CNTV_TVAL)), -30);
}

TEST_F(GenericTimerTest, NegativeTimerValueIsInThePast) {
    wait_until(timer.time_of(count() + 1000));
    write(Register::CNTV_CTL, enable | masked);
    write(Register::CNTV_TVAL, 0xFFFFFF9C);  // -100
    EXPECT_EQ(read(Register::CNTV_CVAL), count() - 100);
    EXPECT_EQ(read(Register::CNTV_CTL), enable | masked | status);
    write(Register::CNTV_TVAL, 0x1'0000'0005);  // only 32 bits count
    EXPECT_EQ(read(Register::CNTV_CVAL), count() + 5);
}

TEST_F(GenericTimerTest, ComparesUnsignedAndWraps) {
    // The virtual count is 100 ticks before its end.
    write(Register::CNTVOFF, count() + 100);
    EXPECT_EQ(read(Register::CNTVCT), UINT64_MAX - 99);
    const uint64_t start = count();
    write(Register::CNTV_CVAL, UINT64_MAX - 9);
    write(Register::CNTV_CTL, enable);
    sc_core::wait(nanoseconds(10'000));
    EXPECT_EQ(changes,
              (std::vector<Change>{{Channel::virtual_, true, timer.time_of(start + 90)},
                                   {Channel::virtual_, false, timer.time_of(start + 100)}}));
    EXPECT_LT(read(Register::CNTVCT), 1000U);
}

TEST_F(GenericTimerTest, NeverExpiresBeyondReach) {
    write(Register::CNTP_CVAL, UINT64_MAX);
    write(Register::CNTP_CTL, enable);
    sc_core::wait(sc_time{1000, sc_core::SC_SEC});
    EXPECT_TRUE(changes.empty());
}

TEST_F(GenericTimerTest, ArmsFromTheTimeOfACpuThatIsAhead) {
    const sc_time ahead = sc_time_stamp() + nanoseconds(5000);
    const sc_time expiry = timer.time_of(timer.count(ahead) + 50);
    timer.write(Register::CNTV_TVAL, 50, ahead);
    timer.write(Register::CNTV_CTL, enable, ahead);
    sc_core::wait(nanoseconds(10'000));
    EXPECT_EQ(changes, (std::vector<Change>{{Channel::virtual_, true, expiry}}));
}

TEST_F(GenericTimerTest, LastWriteDecidesTheExpiry) {
    write(Register::CNTV_CTL, enable | masked);
    write(Register::CNTV_TVAL, 10);
    write(Register::CNTV_TVAL, 500);
    const sc_time expiry = timer.time_of(count() + 500);
    write(Register::CNTV_CTL, enable);
    sc_core::wait(nanoseconds(100'000));
    EXPECT_EQ(changes, (std::vector<Change>{{Channel::virtual_, true, expiry}}));
}

TEST_F(GenericTimerTest, ResetStopsBothTimers) {
    write(Register::CNTV_CTL, enable);
    write(Register::CNTP_TVAL, 10);
    write(Register::CNTP_CTL, enable);
    timer.reset();
    EXPECT_FALSE(timer.interrupt(Channel::virtual_));
    sc_core::wait(nanoseconds(10'000));
    EXPECT_FALSE(timer.interrupt(Channel::physical));
    EXPECT_EQ(read(Register::CNTP_CTL), 0U);
}

}  // namespace orrery::devices
