// SPDX-License-Identifier: Apache-2.0
// The machine as a tree of objects with the values of their attributes. Made of the answer of the
// session's `objects values`.
#pragma once

#include <QJsonObject>
#include <vector>

#include "gui/models/tree_model.hpp"

namespace inspector {

[[nodiscard]] QList<TreeColumn> object_columns();
// Attributes come before objects; modules that only have commands are left out. Tags are paths of
// objects, such as "power.rails"; those of attributes are their object's.
[[nodiscard]] std::vector<TreeRow> object_rows(const QJsonObject& root);

}  // namespace inspector
