// SPDX-License-Identifier: Apache-2.0
// The capabilities of a task: a row for each right, and the ports and port sets it can name with
// everybody who names them too, which is the graph of its IPC.
#pragma once

#include <QJsonArray>
#include <QString>
#include <map>
#include <vector>

#include "gui/models/tree_model.hpp"

namespace inspector {

// Names of tasks by their numbers.
using TaskNames = std::map<uint64_t, QString>;
[[nodiscard]] TaskNames task_names(const QJsonArray& tasks);

// What a mask allows, in words; bits without a word are left as a number.
[[nodiscard]] QString mask_text(const QString& type, uint32_t mask);

[[nodiscard]] QList<TreeColumn> right_columns();
[[nodiscard]] std::vector<TreeRow> right_rows(const QJsonArray& rights);

// Ports in which `task` has a right, and below each the rights of all tasks.
[[nodiscard]] QList<TreeColumn> port_columns();
[[nodiscard]] std::vector<TreeRow> port_rows(const QJsonArray& ports, uint64_t task,
                                             const TaskNames& names);

}  // namespace inspector
