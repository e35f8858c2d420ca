// SPDX-License-Identifier: Apache-2.0
// Disassembly: AArch64 code as rows, by Capstone.
#pragma once

#include <QByteArray>
#include <QSet>
#include <cstdint>
#include <vector>

#include "gui/models/tree_model.hpp"

namespace inspector {

// What is marked beside the code.
struct CodeMarks {
    uint64_t pc = 0;
    QSet<uint64_t> breakpoints;  // looked up only
};

[[nodiscard]] QList<TreeColumn> code_columns();
// Of the bytes at an address, a row for each word; tags are addresses. Words that are no
// instructions are shown as data. Precondition: the address is a multiple of 4.
[[nodiscard]] std::vector<TreeRow> code_rows(uint64_t address, const QByteArray& bytes,
                                             const CodeMarks& marks);

}  // namespace inspector
