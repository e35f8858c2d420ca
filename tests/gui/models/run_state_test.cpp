// SPDX-License-Identifier: Apache-2.0
// Words for states, durations and amounts; breakpoints; the object tree.
#include "gui/models/run_state.hpp"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>

#include "gui/models/breakpoints.hpp"
#include "gui/models/model_text.hpp"
#include "gui/models/object_rows.hpp"
#include "gui/models/units.hpp"
#include "tests/gui/fake_simulator.hpp"
#include "tests/gui/models/json_text.hpp"

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

TEST(Durations, AreANumberAndAUnit) {
    EXPECT_EQ(parse_duration("10ms"), 10'000'000U);
    EXPECT_EQ(parse_duration(" 1.5 us "), 1500U);
    EXPECT_EQ(parse_duration("2s"), 2'000'000'000U);
    EXPECT_EQ(parse_duration("0ns"), 0U);
    for (const char* wrong : {"", "10", "ms", "-1ms", "1e3ns", "1 h", "99999999999999999999s"}) {
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
    }
}

TEST(Amounts, AreInTheUnitThatSuits) {
    EXPECT_EQ(bytes_text(512), "512 B");
    EXPECT_EQ(bytes_text(1536), "1.5 KiB");
    EXPECT_EQ(bytes_text(uint64_t{1} << 40), "1 TiB");
    EXPECT_EQ(bytes_text(UINT64_MAX), "16777215.9 TiB");
    EXPECT_EQ(share_text(1, 0), "");
}

TEST(States, HaveWords) {
    test::FakeSimulator simulator;
    Session session(simulator.address(), {10ms, 10ms, 1000ms, 5000ms});
    EXPECT_TRUE(state_text(session).startsWith("connecting to"));
    session.open();
    const auto becomes = [&](const char* status, const QString& words) {
        simulator.status = status;
        return QTest::qWaitFor([&] { return state_text(session) == words; }, 5000);
    };
    EXPECT_TRUE(becomes("running,1,1", "running"));
    EXPECT_TRUE(becomes("stopped:user,1,1", "paused"));
    EXPECT_TRUE(becomes("stopped:elaboration,1,1", "held before its start"));
    EXPECT_TRUE(becomes("stopped:breakpoint:3:99,1,1", "at breakpoint 3"));
    EXPECT_TRUE(becomes("stopped:target:cpu1:99,1,1", "stepped cpu1"));
    EXPECT_TRUE(becomes("stopped:time,1,1", "taken to this time"));
    EXPECT_TRUE(becomes("stopped:lunch,1,1", "paused: lunch"));
    simulator.client->abort();
    EXPECT_TRUE(QTest::qWaitFor([&] { return state_text(session).contains("has ended"); }, 5000));
}

TEST(Breakpoints, AreOfAllCpus) {
    test::FakeSimulator simulator;
    simulator.answers["mkbp cpu0 0x4000"] = "OK,inserted breakpoint 0";
    simulator.answers["mkbp cpu1 0x4000"] = "OK,inserted breakpoint 1";
    simulator.answers["mkbp cpu0 0x8000"] = "E,simulation running";
    simulator.answers["rmbp 0"] = simulator.answers["rmbp 1"] = "OK";
    Session session(simulator.address());
    session.open();
    Breakpoints breakpoints(session);
    QSignalSpy refusals(&breakpoints, &Breakpoints::refused);
    breakpoints.toggle(0x4000, {"cpu0", "cpu1"});
    breakpoints.toggle(0x8000, {"cpu0"});
    ASSERT_TRUE(refusals.wait());
    ASSERT_EQ(breakpoints.rows().size(), 1U);
    EXPECT_EQ(breakpoints.rows()[0].cells, (QStringList{"0x4000", "cpu0 cpu1", "0 1"}));
    breakpoints.toggle(0x4000, {"cpu0", "cpu1"});
    EXPECT_TRUE(QTest::qWaitFor([&] { return breakpoints.addresses().isEmpty(); }, 5000));
    breakpoints.toggle(0x4000, {});
    EXPECT_EQ(refusals.size(), 2);
}

TEST(Objects, AreATreeWithValues) {
    TreeModel model(object_columns());
    model.update(
        object_rows(test::json(R"({"name": "", "kind": "root", "attributes": [], "objects": [
        {"name": "cpu0", "kind": "sc_module", "attributes": [["traps", 36], ["idle_ns", 1500],
            ["online", true], ["watts", 0.5], ["states", [1, 2]]], "objects": [
            {"name": "timer", "kind": "sc_module", "attributes": [], "objects": []}]},
        {"name": "console", "kind": "orrery::console", "attributes": [], "objects": []}]})")
                        .object()));
    EXPECT_EQ(text_of(model),
              "Object, attribute\tValue\tKind\n"
              "cpu0\t\tsc_module\n"
              "  traps\t36\t\n"
              "  idle_ns\t1.5 us\t\n"
              "  online\tyes\t\n"
              "  watts\t0.5\t\n"
              "  states\t1 2\t\n"
              "  timer\t\tsc_module\n");
    EXPECT_EQ(model.find("cpu0.timer").data().toString(), "timer");
}

}  // namespace
}  // namespace inspector
