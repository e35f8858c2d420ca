// SPDX-License-Identifier: Apache-2.0
// The tree of objects: see the header.
#include "gui/models/object_rows.hpp"

#include <QJsonArray>

#include "gui/models/json.hpp"
#include "gui/models/run_state.hpp"
#include "gui/models/units.hpp"

namespace inspector {
namespace {

// Deeper than any machine is.
constexpr int deepest = 32;

QString value_text(const QString& name, const QJsonValue& value) {
    if (value.isString()) return value.toString();
    if (value.isBool()) return value.toBool() ? "yes" : "no";
    if (value.isNull()) return "none";
    if (value.isArray()) {
        QStringList all;
        for (const QJsonValue& one : value.toArray()) all.append(value_text(name, one));
        return all.join(' ');
    }
    const double number = value.toDouble();
    const bool is_whole = number >= 0 && value.toInteger(-1) >= 0;
    if (!is_whole) return QString::number(number, 'g', 10);
    if (name.endsWith("_ns")) return duration_label(natural(value));
    if (name.endsWith("_bytes")) return bytes_text(natural(value));
    return number_text(value);
}

bool has_content(const QJsonObject& object) {
    return !object["attributes"].toArray().isEmpty() || !object["objects"].toArray().isEmpty() ||
           !object["kind"].toString().startsWith("orrery::");
}

std::vector<TreeRow> rows_of(const QJsonObject& object, const QString& path, int depth) {
    std::vector<TreeRow> rows;
    for (const QJsonValue& attribute : object["attributes"].toArray()) {
        const QString name = attribute[0].toString();
        rows.push_back({.key = "attribute " + name,
                        .cells = {name, value_text(name, attribute[1])},
                        .tag = path});
    }
    if (depth == deepest) return rows;
    for (const QJsonValue& value : object["objects"].toArray()) {
        const QJsonObject below = value.toObject();
        if (!has_content(below)) continue;
        const QString name = below["name"].toString();
        const QString place = path.isEmpty() ? name : path + '.' + name;
        rows.push_back({.key = "object " + name,
                        .cells = {name, {}, below["kind"].toString()},
                        .tag = place,
                        .children = rows_of(below, place, depth + 1)});
    }
    return rows;
}

}  // namespace

QList<TreeColumn> object_columns() {
    return {{"Object, attribute"}, {"Value", Qt::AlignRight}, {"Kind"}};
}

std::vector<TreeRow> object_rows(const QJsonObject& root) {
    return rows_of(root, {}, 0);
}

}  // namespace inspector
