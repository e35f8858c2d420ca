// SPDX-License-Identifier: Apache-2.0
// Memory in tables: owners, free blocks by order with both fragmentation indices, the caches of the
// kernel heap, and events. Made of the answers of the session's `kernel memory` and `kernel
// caches`.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <vector>

#include "gui/models/tree_model.hpp"

namespace inspector {

[[nodiscard]] QList<TreeColumn> owner_columns();
[[nodiscard]] std::vector<TreeRow> owner_rows(const QJsonObject& memory);

// Of all nodes together: how many free blocks of each order there are.
[[nodiscard]] std::vector<uint64_t> free_blocks(const QJsonObject& memory);
// The share of free memory in blocks that are too small for an order, 0 to 1; 1 when nothing is
// free. After Linux, mm/vmstat.c, unusable_free_index().
[[nodiscard]] double unusable_index(const std::vector<uint64_t>& blocks, size_t order);
// Why an allocation of an order fails: towards 0 for want of memory, towards 1 for fragmentation;
// -1 while it would succeed. After Linux, mm/vmstat.c, __fragmentation_index().
[[nodiscard]] double fragmentation_index(const std::vector<uint64_t>& blocks, size_t order);

[[nodiscard]] QList<TreeColumn> order_columns(const QJsonObject& memory);
[[nodiscard]] std::vector<TreeRow> order_rows(const QJsonObject& memory);

[[nodiscard]] QList<TreeColumn> cache_columns();
[[nodiscard]] std::vector<TreeRow> cache_rows(const QJsonArray& caches);

[[nodiscard]] QList<TreeColumn> event_columns();
[[nodiscard]] std::vector<TreeRow> event_rows(const QJsonObject& memory);

// The heap and the page-frame strategy in a line.
[[nodiscard]] QString memory_summary(const QJsonObject& memory);

}  // namespace inspector
