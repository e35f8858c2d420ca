// SPDX-License-Identifier: Apache-2.0
// Memory as rows of 16 bytes: in hexadecimal, and as characters.
#pragma once

#include <QByteArray>
#include <cstdint>
#include <vector>

#include "gui/models/tree_model.hpp"

namespace inspector {

[[nodiscard]] QList<TreeColumn> hex_columns();
// Keys are places in the view, not addresses: who scrolls keeps the row that is selected.
[[nodiscard]] std::vector<TreeRow> hex_rows(uint64_t address, const QByteArray& bytes);

}  // namespace inspector
