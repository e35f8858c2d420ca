// SPDX-License-Identifier: Apache-2.0
// csv: tables as RFC 4180 writes them: fields in quotes may hold commas, quotes and line ends.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace inspector {

// The rows of a text; empty lines are none.
[[nodiscard]] QList<QStringList> read_csv(const QString& text);

// A row with its line end; fields are quoted where they must be.
[[nodiscard]] QString csv_row(const QStringList& fields);

}  // namespace inspector
