// SPDX-License-Identifier: Apache-2.0
// PortGraph: see the header.
#include "gui/models/port_graph.hpp"

#include <QJsonObject>
#include <algorithm>

#include "gui/models/json.hpp"
#include "gui/models/units.hpp"
#include "kernel/abi/right.hpp"

namespace inspector {
namespace {

namespace abi = kernel::abi;

bool is_named_by(const QJsonObject& port, uint64_t task) {
    const QJsonArray rights = port["rights"].toArray();
    return std::any_of(rights.begin(), rights.end(),
                       [task](const QJsonValue& right) { return natural(right["task"]) == task; });
}

// The place of a task in a column, which gets it if it is not there.
size_t place_of(std::vector<PortGraph::Box>& column, uint64_t task, uint64_t selected,
                const TaskNames& names) {
    const auto is_task = [task](const PortGraph::Box& box) { return box.task == task; };
    const auto found = std::find_if(column.begin(), column.end(), is_task);
    if (found != column.end()) return static_cast<size_t>(found - column.begin());
    const auto name = names.find(task);
    column.push_back({.title = name == names.end() ? "?" : name->second,
                      .detail = "task " + QString::number(task),
                      .task = task,
                      .is_selected = task == selected});
    return column.size() - 1;
}

void add_line(std::vector<PortGraph::Line>& lines, size_t port, size_t task) {
    const auto is_same = [&](const PortGraph::Line& line) {
        return line.port == port && line.task == task;
    };
    if (std::none_of(lines.begin(), lines.end(), is_same)) lines.push_back({port, task});
}

}  // namespace

PortGraph port_graph(const QJsonArray& ports, uint64_t task, const TaskNames& names) {
    PortGraph graph;
    for (const QJsonValue& value : ports) {
        const QJsonObject port = value.toObject();
        if (port["type"].toString() != "port" || !is_named_by(port, task)) continue;
        const size_t place = graph.ports.size();
        graph.ports.push_back({.title = "port " + address_text(natural(port["object"])),
                               .detail = number_text(port["queued"]) + " queued"});
        for (const QJsonValue& right : port["rights"].toArray()) {
            const auto mask = static_cast<uint32_t>(natural(right["mask"]));
            const uint64_t holder = natural(right["task"]);
            if ((mask & (abi::RightSend | abi::RightSendOnce)) != 0) {
                add_line(graph.sends, place, place_of(graph.senders, holder, task, names));
            }
            if ((mask & abi::RightReceive) != 0) {
                add_line(graph.receives, place, place_of(graph.receivers, holder, task, names));
            }
        }
    }
    return graph;
}

}  // namespace inspector
