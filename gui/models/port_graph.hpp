// SPDX-License-Identifier: Apache-2.0
// PortGraph: the IPC of a task as a picture of three columns: tasks that send, the ports between
// them and the selected task, tasks that receive. Places are in rows and columns, not in pixels.
#pragma once

#include <QJsonArray>
#include <QString>
#include <vector>

#include "gui/models/capability_rows.hpp"

namespace inspector {

struct PortGraph {
    struct Box {
        QString title;
        QString detail;
        uint64_t task = 0;  // 0: it is a port
        bool is_selected = false;
    };
    // From one box to another, by their places in their columns.
    struct Line {
        size_t port;
        size_t task;
    };

    std::vector<Box> senders;
    std::vector<Box> ports;
    std::vector<Box> receivers;
    std::vector<Line> sends;     // of senders
    std::vector<Line> receives;  // of receivers
};

// Of the ports (without sets) in which `task` has a right.
[[nodiscard]] PortGraph port_graph(const QJsonArray& ports, uint64_t task, const TaskNames& names);

}  // namespace inspector
