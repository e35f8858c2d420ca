// SPDX-License-Identifier: Apache-2.0
// What Capstone 4.0.2 gets wrong and the decoder corrects, against DDI 0487, C6.2 and C7.2.
#include <capstone/capstone.h>
#include <gtest/gtest.h>

#include <array>
#include <span>

#include "sim/timing/decoder.hpp"
#include "tests/sim/timing/registers.hpp"

namespace orrery::timing {
namespace {

struct Row {
    uint32_t word;
    const char* text;
    const char* reads;
    const char* writes;
    bool reads_flags = false;
    bool sets_flags = false;
};

// Said to write their first operand.
constexpr std::array comparisons{
    Row{0xf24000bf, "tst x5, #1", "x5", "", false, true},
    Row{0xeb0300bf, "cmp x5, x3", "x3 x5", "", false, true},
    Row{0xab0308bf, "cmn x5, x3, lsl #2", "x3 x5", "", false, true},
};

// Said to read their target; of ADDS with an immediate even not to write it.
constexpr std::array written{
    Row{0x31001065, "adds w5, w3, #4", "x3", "x5", false, true},
    Row{0x937ffc65, "asr x5, x3, #63", "x3", "x5"},
    Row{0xd37cec65, "lsl x5, x3, #4", "x3", "x5"},
    Row{0xd344fc65, "lsr x5, x3, #4", "x3", "x5"},
    Row{0x937c1c65, "sbfiz x5, x3, #4, #8", "x3", "x5"},
    Row{0x93442c65, "sbfx x5, x3, #4, #8", "x3", "x5"},
    Row{0x93401c65, "sxtb x5, w3", "x3", "x5"},
    Row{0x93403c65, "sxth x5, w3", "x3", "x5"},
    Row{0x93407c65, "sxtw x5, w3", "x3", "x5"},
    Row{0xd37c1c65, "ubfiz x5, x3, #4, #8", "x3", "x5"},
    Row{0xd3442c65, "ubfx x5, x3, #4, #8", "x3", "x5"},
    Row{0x53001c65, "uxtb w5, w3", "x3", "x5"},
    Row{0x53003c65, "uxth w5, w3", "x3", "x5"},
    Row{0x4ea27465, "sabd v5.4s, v3.4s, v2.4s", "v2 v3", "v5"},
    Row{0x0e627065, "sabdl v5.4s, v3.4h, v2.4h", "v2 v3", "v5"},
    Row{0x4e627065, "sabdl2 v5.4s, v3.8h, v2.8h", "v2 v3", "v5"},
    Row{0x4e602865, "saddlp v5.4s, v3.8h", "v3", "v5"},
    Row{0x6ea27465, "uabd v5.4s, v3.4s, v2.4s", "v2 v3", "v5"},
    Row{0x2e627065, "uabdl v5.4s, v3.4h, v2.4h", "v2 v3", "v5"},
    Row{0x6e627065, "uabdl2 v5.4s, v3.8h, v2.8h", "v2 v3", "v5"},
    Row{0x6e602865, "uaddlp v5.4s, v3.8h", "v3", "v5"},
    Row{0x4f3d0465, "sshr v5.4s, v3.4s, #3", "v3", "v5"},
    Row{0x6f3d2465, "urshr v5.4s, v3.4s, #3", "v3", "v5"},
    Row{0x6f3d0465, "ushr v5.4s, v3.4s, #3", "v3", "v5"},
    Row{0x4e287865, "aesimc v5.16b, v3.16b", "v3", "v5"},
    Row{0x4e286865, "aesmc v5.16b, v3.16b", "v3", "v5"},
    Row{0x4e020065, "tbl v5.16b, {v3.16b}, v2.16b", "v2 v3", "v5"},
    Row{0x4f000425, "movi v5.4s, #1", "", "v5"},
    Row{0x92800005, "mov x5, #-1", "", "x5"},
    Row{0xd2800025, "mov x5, #1", "", "x5"},
    Row{0x6f000425, "mvni v5.4s, #1", "", "v5"},
    Row{0x4f03f605, "fmov v5.4s, #1.0", "", "v5"},
};

// Said not to read their target, of which they keep a part or to which they add.
constexpr std::array updated{
    Row{0x4f3d3465, "srsra v5.4s, v3.4s, #3", "v3 v5", "v5"},
    Row{0x4ea24065, "addhn2 v5.4s, v3.2d, v2.2d", "v2 v3 v5", "v5"},
    Row{0x4e616865, "fcvtn2 v5.4s, v3.2d", "v3 v5", "v5"},
    Row{0x6e616865, "fcvtxn2 v5.4s, v3.2d", "v3 v5", "v5"},
    Row{0x6ea24065, "raddhn2 v5.4s, v3.2d, v2.2d", "v2 v3 v5", "v5"},
    Row{0x4f3d8c65, "rshrn2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x6ea26065, "rsubhn2 v5.4s, v3.2d, v2.2d", "v2 v3 v5", "v5"},
    Row{0x4f3d8465, "shrn2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x4f3d9c65, "sqrshrn2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x6f3d8c65, "sqrshrun2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x4f3d9465, "sqshrn2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x6f3d8465, "sqshrun2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x4ea14865, "sqxtn2 v5.4s, v3.2d", "v3 v5", "v5"},
    Row{0x6ea12865, "sqxtun2 v5.4s, v3.2d", "v3 v5", "v5"},
    Row{0x4ea26065, "subhn2 v5.4s, v3.2d, v2.2d", "v2 v3 v5", "v5"},
    Row{0x6f3d9c65, "uqrshrn2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x6f3d9465, "uqshrn2 v5.4s, v3.2d, #3", "v3 v5", "v5"},
    Row{0x6ea14865, "uqxtn2 v5.4s, v3.2d", "v3 v5", "v5"},
    Row{0x4ea12865, "xtn2 v5.4s, v3.2d", "v3 v5", "v5"},
    Row{0x9eaf0065, "fmov v5.d[1], x3", "v5 x3", "v5"},
    Row{0x4f001425, "orr v5.4s, #1", "v5", "v5"},
    Row{0x6f001425, "bic v5.4s, #1", "v5", "v5"},
};

// Said not to read their last operand.
constexpr std::array last{
    Row{0x0e621c65, "bic v5.8b, v3.8b, v2.8b", "v2 v3", "v5"},
    Row{0x4e045025, "tbx v5.16b, {v1.16b, v2.16b, v3.16b}, v4.16b", "v1 v2 v3 v4 v5", "v5"},
};

// Said to update any of their registers, whether they load, store or use them as addresses.
constexpr std::array structures{
    Row{0x0cc640a1, "ld3 {v1.8b, v2.8b, v3.8b}, [x5], x6", "x5 x6", "v1 v2 v3 x5"},
    Row{0x4d4024a1, "ld3 {v1.b, v2.b, v3.b}[9], [x5]", "v1 v2 v3 x5", "v1 v2 v3"},
    Row{0x0d60e0a1, "ld4r {v1.8b, v2.8b, v3.8b, v4.8b}, [x5]", "x5", "v1 v2 v3 v4"},
    Row{0x0c8600a1, "st4 {v1.8b, v2.8b, v3.8b, v4.8b}, [x5], x6", "v1 v2 v3 v4 x5 x6", "x5"},
};

// Said to update the registers on the other side, or the flags, or the link register; RET is said
// to read none.
constexpr std::array system_instructions{
    Row{0xd5287105, "sysl x5, #0, c7, c1, #0", "", "x5"},
    Row{0xd50b0105, "sys #3, c0, c1, #0, x5", "x5", ""},
    Row{0xd51b4205, "msr nzcv, x5", "x5", "", false, true},
    Row{0xd53b4205, "mrs x5, nzcv", "", "x5", true, false},
    Row{0xd50040bf, "msr spsel, #0", "", ""},
    Row{0xd4000001, "svc #0", "", ""},
    Row{0xd65f03c0, "ret", "x30", ""},
};

constexpr std::array<std::span<const Row>, 6> all{comparisons, written,    updated,
                                                  last,        structures, system_instructions};

TEST(Corrections, MakeItRight) {
    Decoder decoder;
    for (const std::span<const Row> rows : all) {
        for (const Row& row : rows) {
            const Instruction& found = decoder.decode(row.word);
            EXPECT_EQ(all_reads(found), registers(row.reads)) << row.text;
            EXPECT_EQ(all_writes(found), registers(row.writes)) << row.text;
            EXPECT_EQ(found.reads_flags, row.reads_flags) << row.text;
            EXPECT_EQ(found.sets_flags, row.sets_flags) << row.text;
        }
    }
}

// The arrangement is left out of the aliases of ORR and NOT.
TEST(Corrections, MovesOfWholeVectorsHaveAWidth) {
    Decoder decoder;
    for (const uint32_t word : {0x4ea31c65U, 0x6e205865U}) {  // mov, mvn v5.16b, v3.16b
        EXPECT_EQ(decoder.decode(word).operation, Operation::vector_logical);
        EXPECT_TRUE(decoder.decode(word).quad);
        constexpr uint32_t q = 0x40000000;
        EXPECT_FALSE(decoder.decode(word & ~q).quad);
    }
    const Instruction element = decoder.decode(0x5e180441);  // mov d1, v2.d[1]
    EXPECT_EQ(element.operation, Operation::vector_permute);
    EXPECT_FALSE(element.quad);
}

// What Capstone says, without corrections.
class Capstone final {
  public:
    Capstone() {
        EXPECT_EQ(cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_), CS_ERR_OK);
        cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
    }
    ~Capstone() { cs_close(&handle_); }
    Capstone(const Capstone&) = delete;
    Capstone& operator=(const Capstone&) = delete;

    [[nodiscard]] bool agrees(const Row& row) const {
        std::array<uint8_t, 4> bytes{};
        for (size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<uint8_t>(row.word >> (8 * i));
        }
        cs_insn* found = nullptr;
        if (cs_disasm(handle_, bytes.data(), bytes.size(), 0, 1, &found) != 1) return false;
        cs_regs reads{};
        cs_regs writes{};
        uint8_t read_count = 0;
        uint8_t write_count = 0;
        cs_regs_access(handle_, found, reads, &read_count, writes, &write_count);
        cs_free(found, 1);
        return set_of({reads, read_count}) == expected(row.reads, row.reads_flags) &&
               set_of({writes, write_count}) == expected(row.writes, row.sets_flags);
    }

  private:
    struct Set {
        RegisterSet registers = 0;
        bool flags = false;
        bool operator==(const Set&) const = default;
    };
    static Set expected(const char* names, bool flags) { return {registers(names), flags}; }

    [[nodiscard]] Set set_of(std::span<const uint16_t> numbers) const {
        Set set;
        for (const uint16_t number : numbers) {
            const std::string name = cs_reg_name(handle_, number);
            if (name == "nzcv") {
                set.flags = true;
            } else if (name == "sp" || name == "wsp") {
                set.registers |= registers("sp");
            } else if (name != "xzr" && name != "wzr") {
                const bool is_general = name[0] == 'x' || name[0] == 'w';
                set.registers |= registers((is_general ? "x" : "v") + name.substr(1));
            }
        }
        return set;
    }

    csh handle_ = 0;
};

// A correction that is not needed any more should go.
TEST(Corrections, AreNeeded) {
    const Capstone capstone;
    for (const std::span<const Row> rows : all) {
        for (const Row& row : rows) EXPECT_FALSE(capstone.agrees(row)) << row.text;
    }
}

}  // namespace
}  // namespace orrery::timing
