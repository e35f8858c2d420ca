// SPDX-License-Identifier: Apache-2.0
// What a model shows as text: for the clipboard and for files.
#pragma once

#include <QAbstractItemModel>
#include <QString>

namespace inspector {

// Columns between tabs, children indented by two spaces, the headings first.
[[nodiscard]] QString text_of(const QAbstractItemModel& model);
// The same as CSV (RFC 4180), children not indented.
[[nodiscard]] QString csv_of(const QAbstractItemModel& model);

}  // namespace inspector
