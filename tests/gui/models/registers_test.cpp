// SPDX-License-Identifier: Apache-2.0
// Registers, code and memory as rows.
#include "gui/models/registers.hpp"

#include <gtest/gtest.h>

#include "gui/models/disassembly.hpp"
#include "gui/models/hex_rows.hpp"
#include "gui/models/model_text.hpp"
#include "tests/gui/models/json_text.hpp"

namespace inspector {
namespace {

using test::json;

QList<CpuRegisters> fixture() {
    return parse_registers(json(R"({
        "cpu10": [["x0", "0x1"], ["pc", "0x4000"]],
        "cpu2": [["x0", "0xffffffffffffffff"], ["pc", "0x8000"], ["odd", "word"]]})")
                               .object());
}

QString text(const std::vector<TreeRow>& rows, const QList<TreeColumn>& columns) {
    TreeModel model(columns);
    model.update(rows);
    return text_of(model);
}

TEST(Registers, AreByTheNumbersOfCpus) {
    EXPECT_EQ(text(register_rows(fixture()), register_columns(fixture())),
              "Register\tcpu2\tcpu10\n"
              "x0\t0xffffffffffffffff\t0x0000000000000001\n"
              "pc\t0x0000000000008000\t0x0000000000004000\n");
    EXPECT_TRUE(register_rows({}).empty());
}

TEST(Registers, AddressesAreWrittenWithThem) {
    const CpuRegisters cpu = fixture().last();
    EXPECT_EQ(evaluate("pc", cpu), 0x4000U);
    EXPECT_EQ(evaluate(" PC + 10", cpu), 0x4010U);
    EXPECT_EQ(evaluate("pc-0x8", cpu), 0x3ff8U);
    EXPECT_EQ(evaluate("ffff0000", cpu), 0xffff0000U);
    EXPECT_EQ(evaluate("0x10+x0", cpu), std::nullopt);
    for (const char* wrong : {"", "x99", "pc+", "pc++1", "pc 1", "0xzz"}) {
        EXPECT_FALSE(evaluate(wrong, cpu)) << wrong;
    }
}

TEST(Disassembly, ShowsInstructionsAndMarks) {
    const QByteArray code = QByteArray::fromHex(
        "1f2003d5"
        "c0035fd6"
        "ffffffff"
        "00");
    EXPECT_EQ(text(code_rows(0x1000, code, {0x1004, {0x1000}}), code_columns()),
              "\tAddress\tWord\tInstruction\n"
              "● \t0x1000\td503201f\tnop\n"
              " ▶\t0x1004\td65f03c0\tret\n"
              "  \t0x1008\tffffffff\t.word   0xffffffff\n");
}

TEST(HexRows, ShowBytesAndCharacters) {
    const QByteArray bytes = QByteArray::fromHex("48690a00ff") + QByteArray(12, 'x');
    EXPECT_EQ(text(hex_rows(0xfff0, bytes), hex_columns()),
              "Address\tBytes\tCharacters\n"
              "0xfff0\t48 69 0a 00 ff 78 78 78  78 78 78 78 78 78 78 78\tHi...xxxxxxxxxxx\n"
              "0x10000\t78  \tx\n");
}

}  // namespace
}  // namespace inspector
