// SPDX-License-Identifier: Apache-2.0
// event_rows: see the header.
#include "gui/models/event_rows.hpp"

#include <QCoreApplication>

namespace inspector {

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("events", text);
}

TableCell number(uint64_t value) {
    return {QString::number(value), static_cast<double>(value)};
}

TableCell duration(uint64_t nanoseconds) {
    return {duration_words(nanoseconds), static_cast<double>(nanoseconds)};
}

TableCell decimal(double value) {
    return {QString::number(value, 'g', 6), value};
}

TableRow totals_row(const QString& kind, const QString& name, const Totals& totals, uint64_t span) {
    const double share =
        span == 0 ? 0 : static_cast<double>(totals.time) * 100 / static_cast<double>(span);
    return {kind,
            name,
            number(totals.count),
            duration(totals.time),
            TableCell(QString::number(share, 'f', 1) + QStringLiteral(" %"), share),
            duration(static_cast<uint64_t>(totals.mean())),
            duration(totals.least),
            duration(totals.greatest)};
}

}  // namespace

QStringList fact_columns() {
    return {words("what"), words("value")};
}

QList<TableRow> fact_rows(const Facts& facts) {
    QList<TableRow> rows;
    for (const auto& [name, value] : facts) rows.append({name, value});
    return rows;
}

QStringList sum_columns() {
    return {words("kind"),  words("name"), words("count"), words("time or integral"),
            words("share"), words("mean"), words("least"), words("greatest")};
}

QList<TableRow> sum_rows(const TraceStore& store, const Aggregates& sums, uint64_t span) {
    QList<TableRow> rows;
    const auto name = [&](uint32_t key) {
        const std::string_view text = store.strings().view(key);
        return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    };
    for (const Totals& totals : sums.threads) {
        rows.append(totals_row(words("thread"), thread_text(store, totals.key), totals, span));
    }
    for (const Totals& totals : sums.slices) {
        rows.append(totals_row(words("slice"), name(totals.key), totals, span));
    }
    for (const Totals& totals : sums.marks) {
        rows.append({words("mark"), name(totals.key), number(totals.count), QString(), QString(),
                     QString(), QString(), QString()});
    }
    for (const CounterTotals& totals : sums.counters) {
        rows.append(
            {words("counter"), name(store.track(totals.track).name), number(totals.count),
             decimal(totals.integral), QString(), decimal(totals.mean),
             TableCell(QString::number(totals.least), static_cast<double>(totals.least)),
             TableCell(QString::number(totals.greatest), static_cast<double>(totals.greatest))});
    }
    return rows;
}

}  // namespace inspector
