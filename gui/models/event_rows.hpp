// SPDX-License-Identifier: Apache-2.0
// event_rows: what is selected in the timeline as rows of a TableModel.
#pragma once

#include "gui/models/table_model.hpp"
#include "gui/timeline/event_finder.hpp"
#include "gui/timeline/timeline.hpp"

namespace inspector {

[[nodiscard]] QStringList fact_columns();
[[nodiscard]] QList<TableRow> fact_rows(const Facts& facts);

[[nodiscard]] QStringList sum_columns();
[[nodiscard]] QList<TableRow> sum_rows(const TraceStore& store, const Aggregates& sums,
                                       uint64_t span);

}  // namespace inspector
