// SPDX-License-Identifier: Apache-2.0
// The tree of the system, its capabilities and its ports, from answers as the kernel gives them.
#include "gui/models/system_tree.hpp"

#include <gtest/gtest.h>

#include "gui/models/capability_rows.hpp"
#include "gui/models/model_text.hpp"
#include "gui/models/port_graph.hpp"
#include "tests/gui/models/json_text.hpp"

namespace inspector {
namespace {

using test::json;

SystemState fixture() {
    SystemState state;
    state.containers = json(R"([
        {"id": 1, "parent": 0, "name": "root", "state": "running", "paused": false, "memory": 0,
         "memory_max": 0, "cpu_time": 0, "pids": 2},
        {"id": 3, "parent": 1, "name": "box", "state": "running", "paused": true, "memory": 40960,
         "memory_max": 81920, "cpu_time": 2000, "pids": 1}])");
    state.tasks = json(R"([
        {"id": 1, "container": 1, "name": "init", "state": "running", "exit_code": 0, "threads": 1,
         "frames": 9, "cpu_time": 1500, "cpus": [0]},
        {"id": 7, "container": 3, "name": "load", "state": "exited", "exit_code": 4, "threads": 1,
         "frames": 2, "cpu_time": 3000000, "cpus": [1, 2]},
        {"id": 9, "container": 55, "name": "lost", "state": "killed", "exit_code": 0, "threads": 0,
         "frames": 0, "cpu_time": 0, "cpus": []}])");
    state.threads = json(R"([
        {"id": 1, "task": 1, "state": "wait_task", "cpu": 0, "waits_for": {"type": "task", "task": 7}},
        {"id": 8, "task": 7, "state": "wait_message", "cpu": 2,
         "waits_for": {"type": "message", "object": 4096, "until": 2000000000}},
        {"id": 9, "task": 7, "state": "running", "cpu": 1, "waits_for": null}])");
    state.limits = json(R"({
        "tasks": [{"id": 7, "frames": 256}, {"id": 1, "frames": null}],
        "containers": [{"id": 3, "pids": 10, "weight": 50, "quota": 20000, "period": 100000}]})");
    return state;
}

QString text(const std::vector<TreeRow>& rows, const QList<TreeColumn>& columns) {
    TreeModel model(columns);
    model.update(rows);
    return text_of(model);
}

TEST(SystemTree, HasContainersTasksAndThreads) {
    const QString shown = text(system_tree(fixture()), system_columns());
    EXPECT_EQ(
        shown,
        R"(Name	State	Waits for	CPU	CPU time	Memory	At most	CPU limit	Threads, pids
root (container 1)	running			0 ns	not counted			2
  box (container 3)	running, paused			2 us	40 KiB	80 KiB	weight 50, 20 ms in 100 ms	1 of 10
    load (task 7)	exited with 4		1 2	3 ms	8 KiB	1 MiB		1
      thread 8	wait message	a message at port 0x1000, until 2.000 000 000 s	2					
      thread 9	running		1					
  init (task 1)	running		0	1.5 us	36 KiB			1
    thread 1	wait task	the end of load (task 7)	0					
lost (task 9)	killed			0 ns	0 B			0
)");
}

TEST(SystemTree, TakesTheWorst) {
    EXPECT_TRUE(system_tree({}).empty());
    SystemState state;
    state.containers = json(R"([{"id": 5, "parent": 5}, {"id": 6, "parent": 7},
        {"id": 7, "parent": 6}, 3, null, "text"])");
    state.tasks = json(R"([[], {}, {"id": -1, "container": "x"}])");
    state.threads = json(R"([{"waits_for": 7}])");
    static_cast<void>(text(system_tree(state), system_columns()));
}

TEST(SystemTree, TagsSayWhatIsSelected) {
    const Selected thread = completed(fixture(), {.thread = 9});
    EXPECT_EQ(thread.task, 7U);
    EXPECT_EQ(thread.container, 3U);
    EXPECT_EQ(selected_by(system_tag(thread)), thread);
    TreeModel model(system_columns());
    model.update(system_tree(fixture()));
    EXPECT_EQ(model.find(system_tag(thread)).data().toString(), "thread 9");
}

const char* const ports = R"([
    {"object": 8192, "type": "port", "set": 0, "queued": 2, "limit": 16, "receivers": 0,
     "senders": 1, "rights": [
        {"task": 1, "name": 65540, "mask": 1024, "badge": 0},
        {"task": 7, "name": 65537, "mask": 259, "badge": 5}]},
    {"object": 12288, "type": "port", "set": 0, "queued": 0, "limit": 0, "receivers": 1,
     "senders": 0, "rights": [{"task": 1, "name": 65541, "mask": 1024, "badge": 0}]}])";

TEST(Capabilities, NameWhatTheyAllow) {
    EXPECT_EQ(mask_text("port", 0x507), "send, receive, duplicate, transfer, revoke");
    EXPECT_EQ(mask_text("memory", 0x300), "read, write");
    EXPECT_EQ(mask_text("task", 0x80000200), "inspect, 0x80000000");
    const QJsonDocument rights = json(R"([
        {"name": 65536, "type": "system", "mask": 256, "badge": 0, "object": 0},
        {"name": 65537, "type": "port", "mask": 256, "badge": 9, "object": 8192}])");
    EXPECT_EQ(text(right_rows(rights.array()), right_columns()),
              "Name\tType\tObject\tAllows\tBadge\n"
              "0x10000\tsystem\t\tconsole\t\n"
              "0x10001\tport\t8192\tsend\t0x9\n");
}

TEST(Ports, AreThoseOfATask) {
    const TaskNames names = task_names(fixture().tasks.array());
    EXPECT_EQ(text(port_rows(json(ports).array(), 7, names), port_columns()),
              "Port, task\tAllows\tName\tBadge\tQueued\tReceivers\tBlocked senders\n"
              "port 0x2000\t\t\t\t2 of 16\t0\t1\n"
              "  init (task 1)\treceive\t0x10004\t\t\t\t\n"
              "  load (task 7)\tsend, duplicate, transfer\t0x10001\t0x5\t\t\t\n");
    EXPECT_TRUE(port_rows(json(ports).array(), 99, names).empty());
}

TEST(Ports, MakeAGraph) {
    const PortGraph graph = port_graph(json(ports).array(), 1, task_names(fixture().tasks.array()));
    ASSERT_EQ(graph.ports.size(), 2U);
    ASSERT_EQ(graph.senders.size(), 1U);
    EXPECT_EQ(graph.senders[0].title, "load");
    ASSERT_EQ(graph.receivers.size(), 1U);
    EXPECT_TRUE(graph.receivers[0].is_selected);
    EXPECT_EQ(graph.receives.size(), 2U);
}

}  // namespace
}  // namespace inspector
