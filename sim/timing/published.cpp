// SPDX-License-Identifier: Apache-2.0
// The published figures. "Guide" is the Arm Cortex-A55 Software Optimization Guide, EPM128372 issue
// 4.0, or the Arm Cortex-A76 Software Optimization Guide, PJDOC-466751330-7215, by the core; a
// throughput of T a cycle is told as 1/T cycles.
#include "sim/timing/published.hpp"

#include "sim/timing/decoder.hpp"
#include "sim/timing/pipeline.hpp"

namespace orrery::timing {

namespace {

constexpr uint32_t add_chain = 0x91000400;             // add x0, x0, #1
constexpr uint32_t add_x0 = 0x91000420;                // add x0, x1, #1
constexpr uint32_t add_x2 = 0x91000462;                // add x2, x3, #1
constexpr uint32_t add_x4 = 0x910004a4;                // add x4, x5, #1
constexpr uint32_t add_x5_of_x0 = 0x91000405;          // add x5, x0, #1
constexpr uint32_t add_shifted_chain = 0x8b013000;     // add x0, x0, x1, lsl #12
constexpr uint32_t add_shifted = 0x8b023020;           // add x0, x1, x2, lsl #12
constexpr uint32_t add_short_shift = 0x8b010c00;       // add x0, x0, x1, lsl #3
constexpr uint32_t orr_shifted_chain = 0xaa013000;     // orr x0, x0, x1, lsl #12
constexpr uint32_t shift_x0 = 0x9ac22020;              // lsl x0, x1, x2
constexpr uint32_t shift_x3 = 0x9ac52083;              // lsl x3, x4, x5
constexpr uint32_t extract_field = 0xd3432400;         // ubfx x0, x0, #3, #7
constexpr uint32_t multiply_chain = 0x1b017c00;        // mul w0, w0, w1
constexpr uint32_t multiply = 0x1b027c20;              // mul w0, w1, w2
constexpr uint32_t multiply_add_chain = 0x1b020020;    // madd w0, w1, w2, w0
constexpr uint32_t multiply_x_chain = 0x9b017c00;      // mul x0, x0, x1
constexpr uint32_t multiply_x = 0x9b027c20;            // mul x0, x1, x2
constexpr uint32_t multiply_high_chain = 0x9b417c00;   // smulh x0, x0, x1
constexpr uint32_t divide_chain = 0x1ac10800;          // udiv w0, w0, w1
constexpr uint32_t divide_x_chain = 0x9ac10800;        // udiv x0, x0, x1
constexpr uint32_t load_chain = 0xf9400000;            // ldr x0, [x0]
constexpr uint32_t load_x0 = 0xf9400020;               // ldr x0, [x1]
constexpr uint32_t load_x2 = 0xf9400062;               // ldr x2, [x3]
constexpr uint32_t load_w0 = 0x39400020;               // ldrb w0, [x1]
constexpr uint32_t load_indexed = 0xf8626820;          // ldr x0, [x1, x2]
constexpr uint32_t load_at_w0 = 0xb8604820;            // ldr w0, [x1, w0, uxtw]
constexpr uint32_t load_after = 0xf8408401;            // ldr x1, [x0], #8
constexpr uint32_t store_x0 = 0xf9000020;              // str x0, [x1]
constexpr uint32_t store_x2 = 0xf9000062;              // str x2, [x3]
constexpr uint32_t load_pair = 0xa9400820;             // ldp x0, x2, [x1]
constexpr uint32_t load_pair_w = 0x29400820;           // ldp w0, w2, [x1]
constexpr uint32_t store_pair = 0xa9000820;            // stp x0, x2, [x1]
constexpr uint32_t load_q0 = 0x3dc00020;               // ldr q0, [x1]
constexpr uint32_t float_add_chain = 0x1e612800;       // fadd d0, d0, d1
constexpr uint32_t float_add = 0x1e622820;             // fadd d0, d1, d2
constexpr uint32_t float_add_d3 = 0x1e652883;          // fadd d3, d4, d5
constexpr uint32_t float_multiply_chain = 0x1e610800;  // fmul d0, d0, d1
constexpr uint32_t float_multiply = 0x1e620820;        // fmul d0, d1, d2
constexpr uint32_t float_fused_chain = 0x1f410800;     // fmadd d0, d0, d1, d2
constexpr uint32_t float_fused_sum = 0x1f420020;       // fmadd d0, d1, d2, d0
constexpr uint32_t float_fused = 0x1f420c20;           // fmadd d0, d1, d2, d3
constexpr uint32_t float_divide_chain = 0x1e611800;    // fdiv d0, d0, d1
constexpr uint32_t float_divide = 0x1e621820;          // fdiv d0, d1, d2
constexpr uint32_t float_divide_s_chain = 0x1e211800;  // fdiv s0, s0, s1
constexpr uint32_t float_root_chain = 0x1e61c000;      // fsqrt d0, d0
constexpr uint32_t vector_add_chain = 0x4ea18400;      // add v0.4s, v0.4s, v1.4s
constexpr uint32_t vector_add_q = 0x4ea28420;          // add v0.4s, v1.4s, v2.4s
constexpr uint32_t vector_add_d = 0x0ea28420;          // add v0.2s, v1.2s, v2.2s
constexpr uint32_t vector_fused = 0x4e22cc20;          // fmla v0.4s, v1.4s, v2.4s
constexpr uint32_t branch_next = 0x14000001;           // b .+4
constexpr uint32_t count_down = 0xf1000400;            // subs x0, x0, #1
constexpr uint32_t branch_back = 0x54ffffe1;           // b.ne .-4
constexpr uint32_t skewed_add = 0x11000508;            // add w8, w8, #1
constexpr uint32_t skewed_and = 0x1200150c;            // and w12, w8, #0x3f
constexpr uint32_t skewed_load = 0xb86c594e;           // ldr w14, [x10, w12, uxtw #2]

constexpr std::string_view a55 = "cortex-a55";
constexpr std::string_view a76 = "cortex-a76";
constexpr std::string_view pi5 =
    "measured on a Raspberry Pi 5, in \"POWER9 vs Cortex-A76: the execution pipeline\", POWERarm";

const std::vector<PublishedFigure>& all() {
    static const std::vector<PublishedFigure> figures{
        {a55, "dependent adds", {add_chain}, 1, 1, "guide 4.3"},
        {a55, "independent adds", {add_x0, add_x2}, 1, 1, "guide 4.3"},
        {a55,
         "dependent adds, skewed",
         {skewed_add, skewed_and, skewed_load},
         2,
         2,
         "LLVM, llvm-mca/AArch64/Cortex/IPC/A55-8-ldr.s: 1.5 a cycle on hardware"},
        {a55,
         "dependent shifted adds",
         {add_shifted_chain},
         1,
         2,
         "guide 4.3: 2; the unshifted operand one less (3.1.1)"},
        {a55, "independent shifted adds", {add_shifted, add_x4}, 1, 1, "guide 4.3"},
        {a55, "variable shifts", {shift_x0, shift_x3}, 2, 2, "guide 4.4"},
        {a55, "dependent bit field extracts", {extract_field}, 2, 2, "guide 4.7"},
        {a55, "dependent 32-bit multiplies", {multiply_chain}, 3, 3, "guide 4.5"},
        {a55, "independent 32-bit multiplies", {multiply}, 1, 1, "guide 4.5"},
        {a55, "32-bit multiply-adds into a sum", {multiply_add_chain}, 1, 1, "guide 4.5"},
        {a55, "dependent 64-bit multiplies", {multiply_x_chain}, 4, 5, "guide 4.5"},
        {a55, "independent 64-bit multiplies", {multiply_x}, 2, 3, "guide 4.5"},
        {a55, "dependent high multiplies", {multiply_high_chain}, 6, 6, "guide 4.5"},
        {a55, "dependent 32-bit divides", {divide_chain}, 3, 12, "guide 4.5"},
        {a55, "dependent 64-bit divides", {divide_x_chain}, 3, 20, "guide 4.5"},
        {a55, "pointer chase in the L1", {load_chain}, 2, 2, "guide 3.3 and 4.8, in parentheses"},
        {a55, "load to address through UXTW", {load_at_w0}, 2, 3, "guide 4.8"},
        {a55, "load and dependent add", {load_x0, add_x5_of_x0}, 2, 2, "guide 3.3"},
        {a55, "independent loads", {load_x0}, 1, 1, "guide 4.8"},
        {a55, "independent byte loads", {load_w0}, 1, 1, "guide 4.8"},
        {a55, "loads with stores", {load_x0, store_x2}, 1, 1, "guide 3.2, table 2"},
        {a55, "stores", {store_x0}, 1, 1, "guide 4.9"},
        {a55, "load pairs", {load_pair}, 2, 2, "guide 4.8"},
        {a55, "load pairs of words", {load_pair_w}, 1, 1, "guide 4.8"},
        {a55, "store pairs", {store_pair}, 1, 1, "guide 4.9"},
        {a55, "loads with post-index", {load_after}, 1, 1, "guide 4.8, note 2"},
        {a55, "128-bit vector loads", {load_q0}, 2, 2, "guide 4.13"},
        {a55, "dependent FP adds", {float_add_chain}, 4, 4, "guide 4.11"},
        {a55, "independent FP adds", {float_add, float_add_d3}, 1, 1, "guide 4.11"},
        {a55, "dependent FP multiplies", {float_multiply_chain}, 4, 4, "guide 4.11"},
        {a55, "independent FP multiplies", {float_multiply, float_multiply}, 1, 1, "guide 4.11"},
        {a55, "dependent FP multiply-adds", {float_fused_chain}, 4, 4, "guide 4.11"},
        {a55, "independent FP multiply-adds", {float_fused, float_fused}, 1, 1, "guide 4.11"},
        {a55, "dependent FP divides", {float_divide_chain}, 22, 22, "guide 3.5.1, table 4"},
        {a55, "independent FP divides", {float_divide}, 19, 19, "guide 3.5.1, table 4"},
        {a55,
         "dependent single FP divides",
         {float_divide_s_chain},
         13,
         13,
         "guide 3.5.1, table 4"},
        {a55, "dependent FP roots", {float_root_chain}, 22, 22, "guide 3.5.1, table 4"},
        {a55, "dependent vector adds", {vector_add_chain}, 2, 2, "guide 4.15"},
        {a55, "independent 128-bit vector adds", {vector_add_q}, 1, 1, "guide 4.15, note 1"},
        {a55, "independent 64-bit vector adds", {vector_add_d, vector_add_d}, 1, 1, "guide 4.15"},
        {a55, "128-bit multiply-adds into a sum", {vector_fused}, 4, 4, "guide 4.16"},
        {a55,
         "copy loop, 64 bytes a round",
         {0xa93d1003,   // stp x3, x4, [x0, #-48]
          0xf1010042,   // subs x2, x2, #64
          0xa97d1023,   // ldp x3, x4, [x1, #-48]
          0xa93e1805,   // stp x5, x6, [x0, #-32]
          0xa97e1825,   // ldp x5, x6, [x1, #-32]
          0xa93f2007,   // stp x7, x8, [x0, #-16]
          0xa97f2027,   // ldp x7, x8, [x1, #-16]
          0xa8842809,   // stp x9, x10, [x0], #64
          0xa8c42829,   // ldp x9, x10, [x1], #64
          0x54fffee1},  // b.ne to the first
         8,
         8,
         "guide 5.8: 64 bits are loaded a cycle"},

        {a76, "dependent adds", {add_chain}, 1, 1, "guide 3.4"},
        {a76, "independent adds", {add_x0, add_x2, add_x4}, 1, 1, "guide 3.4: three pipes"},
        {a76, "dependent shifted adds", {add_shifted_chain}, 2, 2, "guide 3.4"},
        {a76, "dependent adds shifted by 4 or less", {add_short_shift}, 1, 1, "guide 3.4"},
        {a76, "dependent shifted logic", {orr_shifted_chain}, 1, 1, "guide 3.4"},
        {a76, "independent shifted adds", {add_shifted}, 1, 1, "guide 3.4"},
        {a76, "variable shifts", {shift_x0, shift_x3, shift_x0}, 1, 1, "guide 3.8"},
        {a76, "dependent bit field extracts", {extract_field}, 1, 1, "guide 3.8"},
        {a76, "dependent 32-bit multiplies", {multiply_chain}, 2, 2, "guide 3.6"},
        {a76, "independent 32-bit multiplies", {multiply}, 1, 1, "guide 3.6"},
        {a76, "32-bit multiply-adds into a sum", {multiply_add_chain}, 1, 1, "guide 3.6"},
        {a76, "dependent 64-bit multiplies", {multiply_x_chain}, 4, 4, "guide 3.6"},
        {a76, "independent 64-bit multiplies", {multiply_x}, 3, 3, "guide 3.6"},
        {a76, "dependent high multiplies", {multiply_high_chain}, 5, 5, "guide 3.6"},
        {a76, "dependent 32-bit divides", {divide_chain}, 5, 12, "guide 3.6"},
        {a76, "dependent 64-bit divides", {divide_x_chain}, 5, 20, "guide 3.6"},
        {a76, "pointer chase in the L1", {load_chain}, 4, 4, "guide 3.9"},
        {a76, "independent loads", {load_x0, load_x2}, 1, 1, "guide 3.9"},
        {a76, "loads at an index", {load_indexed, load_indexed}, 1, 1, "guide 3.9"},
        {a76, "stores", {store_x0, store_x2}, 1, 1, "guide 3.10"},
        {a76, "load pairs", {load_pair}, 1, 1, "guide 3.9"},
        {a76, "store pairs", {store_pair}, 1, 1, "guide 3.10"},
        {a76, "128-bit vector loads", {load_q0, load_q0}, 1, 1, "guide 3.13"},
        {a76, "dependent FP adds", {float_add_chain}, 2, 2, "guide 3.11"},
        {a76, "independent FP adds", {float_add, float_add_d3}, 1, 1, "guide 3.11"},
        {a76, "dependent FP multiplies", {float_multiply_chain}, 3, 3, "guide 3.11"},
        {a76, "dependent FP multiply-adds", {float_fused_chain}, 4, 4, "guide 3.11"},
        {a76, "FP multiply-adds into a sum", {float_fused_sum}, 2, 2, "guide 3.11"},
        {a76, "dependent FP divides", {float_divide_chain}, 7, 15, "guide 3.11"},
        {a76, "dependent vector adds", {vector_add_chain}, 2, 2, "guide 3.15"},
        {a76, "independent 128-bit vector adds", {vector_add_q, vector_add_q}, 1, 1, "guide 3.15"},
        {a76, "taken branches", {branch_next}, 1, 1, "guide 3.3: one pipe"},
        {a76, "loop of one add", {count_down, branch_back}, 1, 1, pi5},
        {a76,
         "loop of eight independent adds",
         {0x91000421,   // add x1, x1, #1
          0x91000442,   // add x2, x2, #1
          0x91000463,   // add x3, x3, #1
          0x91000484,   // add x4, x4, #1
          0x910004a5,   // add x5, x5, #1
          0x910004c6,   // add x6, x6, #1
          0x910004e7,   // add x7, x7, #1
          0x91000508,   // add x8, x8, #1
          count_down,   // subs x0, x0, #1
          0x54fffee1},  // b.ne to the first
         3,
         3,
         pi5},
    };
    return figures;
}

}  // namespace

std::span<const PublishedFigure> published_figures() {
    return all();
}

double cycles_a_round(CostModel& model, std::span<const uint32_t> code) {
    constexpr size_t rounds = 256;  // more instructions than any window holds
    std::vector<uint32_t> repeated;
    const auto repeat = [&] {
        for (size_t i = 0; i < rounds; ++i) {
            repeated.insert(repeated.end(), code.begin(), code.end());
        }
        return double{1} * model.cost(repeated) / parts_per_cycle;
    };
    // A piece that branches to its own start is repeated already.
    Decoder decoder;
    std::vector<Instruction> decoded;
    for (const uint32_t word : code) decoded.push_back(decoder.decode(word));
    if (is_loop(decoded)) return double{1} * model.cost(code) / parts_per_cycle;
    const double first = repeat();
    return (repeat() - first) / rounds;
}

}  // namespace orrery::timing
