// SPDX-License-Identifier: Apache-2.0
// The system as a tree: containers, in them tasks, in them threads, with what each does, waits for,
// uses and may use. Made of the answers of the session's module `kernel`.
#pragma once

#include <QJsonDocument>
#include <QList>
#include <vector>

#include "gui/models/tree_model.hpp"
#include "gui/run/selection.hpp"

namespace inspector {

// What the kernel told, as it came; threads and limits may be missing on machines that show none.
struct SystemState {
    QJsonDocument containers;
    QJsonDocument tasks;
    QJsonDocument threads;
    QJsonDocument limits;
};

[[nodiscard]] QList<TreeColumn> system_columns();
// A container or task whose parent is not there is shown at the top.
[[nodiscard]] std::vector<TreeRow> system_tree(const SystemState& state);

// With the task of the selected thread and the container of the task, where they are known.
[[nodiscard]] Selected completed(const SystemState& state, Selected selected);

// The tags of rows: what a row stands for, and the other way round.
[[nodiscard]] QVariant system_tag(const Selected& selected);
[[nodiscard]] Selected selected_by(const QVariant& tag);

}  // namespace inspector
