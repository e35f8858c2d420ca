// SPDX-License-Identifier: Apache-2.0
// csv: see the header.
#include "gui/run/csv.hpp"

namespace inspector {

QList<QStringList> read_csv(const QString& text) {
    QList<QStringList> rows;
    QStringList row;
    QString field;
    bool quoted = false;
    bool something = false;  // in this row
    const auto end_row = [&] {
        if (something) {
            row.append(field);
            rows.append(row);
        }
        row.clear();
        field.clear();
        something = false;
    };
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar sign = text[i];
        if (quoted) {
            if (sign != u'"') {
                field += sign;
            } else if (i + 1 < text.size() && text[i + 1] == u'"') {
                field += text[++i];
            } else {
                quoted = false;
            }
            continue;
        }
        if (sign == u'\n') {
            end_row();
            continue;
        }
        if (sign == u'\r') continue;
        something = true;
        if (sign == u'"') {
            quoted = true;
        } else if (sign == u',') {
            row.append(field);
            field.clear();
        } else {
            field += sign;
        }
    }
    end_row();
    return rows;
}

QString csv_row(const QStringList& fields) {
    QStringList written;
    for (const QString& field : fields) {
        const bool quote = field.contains(u',') || field.contains(u'"') || field.contains(u'\n') ||
                           field.contains(u'\r');
        QString text = field;
        written.append(quote ? u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"' : field);
    }
    return written.join(u',') + u'\n';
}

}  // namespace inspector
