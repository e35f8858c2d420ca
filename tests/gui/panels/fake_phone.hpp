// SPDX-License-Identifier: Apache-2.0
// FakePhone: a FakeSimulator that answers everything that panels ask, and panels on it.
#pragma once

#include <QTest>

#include "gui/panels/live_panel.hpp"
#include "gui/run/selection.hpp"
#include "gui/session/session.hpp"
#include "tests/gui/fake_simulator.hpp"

namespace inspector::test {

class FakePhone final {
  public:
    FakePhone() {
        tell("exec kernel containers",
             R"([{"id": 1, "parent": 0, "name": "root", "state": "running",
            "paused": false, "memory": 0, "memory_max": 0, "cpu_time": 0, "pids": 2}])");
        tell("exec kernel tasks", R"([{"id": 1, "container": 1, "name": "init", "state": "running",
            "threads": 1, "frames": 9, "cpu_time": 1500, "cpus": [0]},
            {"id": 2, "container": 1, "name": "shell", "state": "running",
            "threads": 1, "frames": 9, "cpu_time": 1500, "cpus": [0]}])");
        tell("exec kernel threads", R"([{"id": 5, "task": 2, "state": "ready", "cpu": 0,
            "waits_for": null}])");
        tell("exec kernel limits", R"({"tasks": [], "containers": []})");
        tell("exec kernel ports", R"([{"object": 8192, "type": "port", "set": 0, "queued": 2,
            "limit": 16, "receivers": 0, "senders": 1, "rights": [
            {"task": 1, "name": 65540, "mask": 1024, "badge": 0},
            {"task": 2, "name": 65537, "mask": 256, "badge": 5}]}])");
        tell("exec kernel rights 2", R"([{"name": 65537, "type": "port", "mask": 256, "badge": 5,
            "object": 8192}])");
        tell("exec kernel memory", R"({"frames_total": 12, "frames_free": 8, "page_frames":
            {"allocator": "buddy", "page_cache": false, "age": 0, "owners": {"kernel": 4},
            "nodes": [{"id": 0, "free_blocks": [0, 0, 0, 1]}]}, "kernel_heap":
            {"allocator": "simple", "objects": 1, "bytes": 64, "frames": 4}, "events": {"splits": 3}})");
        tell("exec kernel frames", R"({"frames": [[16, 4, "kernel", 0, false, -1]], "next": 20})");
        tell("exec kernel frames 20",
             R"({"frames": [[24, 8, "free", 0, false, 3]], "next": null})");
        tell("exec cpus registers", R"({"cpu0": [["x0", "0x7"], ["sp", "0x8010"], ["pc", "0x4040"]],
            "cpu1": [["x0", "0x8"], ["sp", "0x0"], ["pc", "0x0"]]})");
        tell("exec kernel cpus", R"([{"number": 0, "thread": 5}, {"number": 1, "thread": 0}])");
        tell("exec objects values", R"({"name": "", "kind": "root", "attributes": [], "objects": [
            {"name": "gic", "kind": "sc_module", "attributes": [["interrupts", 3]], "objects": []},
            {"name": "uart", "kind": "sc_module", "attributes": [["sent", 9]], "objects": []}]})");
        tell("exec console text 0", R"({"begin": 0, "end": 6, "newest": 6, "text": "hello\n"})");
        tell("exec console text 6", R"({"begin": 6, "end": 6, "newest": 6, "text": ""})");
        tell("exec console send_line ls", "3");
        tell("exec time snapshots", R"({"now": 1500, "reached": 30000000, "interval": 10000000,
            "times": [500, 10000000, 20000000], "bytes": 0, "trouble": ""})");
        for (const char* command : {"exec time back 500", "exec time back 2000000",
                                    "exec time forward 30000000", "exec time forward 12000000"}) {
            tell(command, R"({"time": 0, "from": null})");
        }
        tell("list json", R"({"targets": [{"name": "cpu0"}, {"name": "cpu1"}]})");
        QByteArray code = "OK";
        for (int i = 0; i < 128; ++i) code += ",0x1f,0x20,0x03,0xd5";  // NOP
        simulator.answers["vread cpu0 0x4000 512"] = code;
        simulator.answers["vread cpu0 0x8010 512"] = code;
        for (const char* command : {"stop", "resume", "resume 10000000ns", "step cpu0 cpu1"}) {
            simulator.answers[command] = "OK";
        }
        simulator.answers["mkbp cpu0 0x4040"] = "OK,inserted breakpoint 0";
        simulator.answers["mkbp cpu1 0x4040"] = "OK,inserted breakpoint 1";
    }

    void tell(const QString& command, const char* json) {
        simulator.answers[command] = join_fields({"OK", QString::fromUtf8(json)});
    }
    [[nodiscard]] Context context() { return {&selection, nullptr, nullptr, &session}; }
    // Connects and waits for the state.
    void open() {
        session.open();
        static_cast<void>(
            QTest::qWaitFor([&] { return session.state() != Session::State::Connecting; }, 5000));
    }
    [[nodiscard]] bool was_told(const QString& command) const {
        return QTest::qWaitFor([&] { return simulator.commands.contains(command); }, 5000);
    }

    FakeSimulator simulator;
    Selection selection;
    Session session{simulator.address(),
                    {std::chrono::milliseconds(20), std::chrono::milliseconds(20),
                     std::chrono::milliseconds(2000), std::chrono::milliseconds(10000)}};
};

}  // namespace inspector::test
