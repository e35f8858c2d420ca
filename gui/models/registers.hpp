// SPDX-License-Identifier: Apache-2.0
// The registers of all CPUs, and addresses that are written in terms of them.
#pragma once

#include <QJsonObject>
#include <QList>
#include <QPair>
#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

#include "gui/models/tree_model.hpp"

namespace inspector {

struct CpuRegisters {
    QString target;
    QList<QPair<QString, uint64_t>> values;  // in the simulator's order

    [[nodiscard]] std::optional<uint64_t> find(const QString& name) const;
};

// The answer of `cpus registers`, by the numbers of CPUs.
[[nodiscard]] QList<CpuRegisters> parse_registers(const QJsonObject& answer);

// A column for each CPU, a row for each register.
[[nodiscard]] QList<TreeColumn> register_columns(const QList<CpuRegisters>& cpus);
[[nodiscard]] std::vector<TreeRow> register_rows(const QList<CpuRegisters>& cpus);

// A number, a register, or a register with a number added or taken away, such as "sp+0x20"; nothing
// for another text. Numbers are hexadecimal, with or without 0x.
[[nodiscard]] std::optional<uint64_t> evaluate(const QString& text, const CpuRegisters& cpu);

}  // namespace inspector
