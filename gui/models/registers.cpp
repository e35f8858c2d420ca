// SPDX-License-Identifier: Apache-2.0
// Registers: see the header.
#include "gui/models/registers.hpp"

#include <QJsonArray>
#include <QRegularExpression>
#include <algorithm>

#include "gui/models/units.hpp"
#include "gui/session/reply.hpp"

namespace inspector {
namespace {

constexpr int register_digits = 16;

bool comes_before(const CpuRegisters& one, const CpuRegisters& other) {
    // "cpu2" before "cpu10".
    if (one.target.size() != other.target.size()) return one.target.size() < other.target.size();
    return one.target < other.target;
}

std::optional<uint64_t> hexadecimal_in(const QString& text) {
    bool is_number = false;
    const uint64_t value = text.toULongLong(&is_number, 16);
    return is_number ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<uint64_t> CpuRegisters::find(const QString& name) const {
    for (const auto& [key, value] : values) {
        if (key == name) return value;
    }
    return {};
}

QList<CpuRegisters> parse_registers(const QJsonObject& answer) {
    QList<CpuRegisters> cpus;
    for (auto cpu = answer.begin(); cpu != answer.end(); ++cpu) {
        CpuRegisters registers{cpu.key(), {}};
        for (const QJsonValue& pair : cpu.value().toArray()) {
            const std::optional<uint64_t> value = parse_number(pair[1].toString());
            if (value) registers.values.append({pair[0].toString(), *value});
        }
        cpus.append(registers);
    }
    std::sort(cpus.begin(), cpus.end(), comes_before);
    return cpus;
}

QList<TreeColumn> register_columns(const QList<CpuRegisters>& cpus) {
    QList<TreeColumn> columns{{"Register"}};
    for (const CpuRegisters& cpu : cpus) columns.append({cpu.target, Qt::AlignRight});
    return columns;
}

std::vector<TreeRow> register_rows(const QList<CpuRegisters>& cpus) {
    std::vector<TreeRow> rows;
    if (cpus.isEmpty()) return rows;
    for (const auto& [name, first] : cpus.first().values) {
        TreeRow row{.key = name, .cells = {name}, .tag = name};
        for (const CpuRegisters& cpu : cpus) {
            const std::optional<uint64_t> value = cpu.find(name);
            row.cells.append(value ? address_text(*value, register_digits) : QString());
        }
        rows.push_back(row);
    }
    return rows;
}

std::optional<uint64_t> evaluate(const QString& text, const CpuRegisters& cpu) {
    static const QRegularExpression form(R"(^\s*(\w+)\s*(?:([+-])\s*(\w+)\s*)?$)");
    const QRegularExpressionMatch match = form.match(text.toLower());
    if (!match.hasMatch()) return {};
    const std::optional<uint64_t> named = cpu.find(match.captured(1));
    const std::optional<uint64_t> base = named ? named : hexadecimal_in(match.captured(1));
    if (!base || match.captured(2).isEmpty()) return base;
    const std::optional<uint64_t> offset = hexadecimal_in(match.captured(3));
    if (!offset) return {};
    return match.captured(2) == "+" ? *base + *offset : *base - *offset;
}

}  // namespace inspector
