// SPDX-License-Identifier: Apache-2.0
// The decoder's later instructions: Capstone 4.0.2 ends with Armv8.0-A, but the Cortex-A55 and A76
// implement Armv8.2-A with half precision, dot products and the acquiring loads of Armv8.3-A.
// Fields are those of DDI 0487, C4.1.
#include <array>

#include "sim/timing/decode.hpp"

namespace orrery::timing {

namespace {

constexpr uint32_t field(uint32_t word, unsigned low) {
    return (word >> low) & 31;
}
constexpr unsigned target = 0;   // Rd, Rt
constexpr unsigned source = 5;   // Rn
constexpr unsigned second = 16;  // Rm, Rs

Instruction access(Operation operation, uint32_t word) {
    Instruction found;
    found.operation = operation;
    found.address = general_or_stack(field(word, source));
    return found;
}

// CAS: compares with Rs, stores Rt, and returns in Rs.
Instruction compare_and_swap(uint32_t word) {
    Instruction found = access(Operation::atomic, word);
    found.writes = general(field(word, second));
    found.data = found.writes | general(field(word, target));
    return found;
}
Instruction compare_and_swap_pair(uint32_t word) {
    Instruction found = compare_and_swap(word);
    found.writes |= general(field(word, second) + 1);
    found.data |= found.writes | general(field(word, target) + 1);
    return found;
}
// LDADD, SWP and their kin.
Instruction read_and_modify(uint32_t word) {
    Instruction found = access(Operation::atomic, word);
    found.writes = general(field(word, target));
    found.data = general(field(word, second));
    return found;
}
Instruction load_acquire(uint32_t word) {
    Instruction found = access(Operation::load_acquire, word);
    found.writes = general(field(word, target));
    return found;
}
Instruction store_release(uint32_t word) {
    Instruction found = access(Operation::store_release, word);
    found.data = general(field(word, target));
    return found;
}

// PAN, UAO and what else MSR sets to an immediate.
Instruction processor_state(uint32_t) {
    Instruction found;
    found.operation = Operation::system_write;
    return found;
}

Instruction accumulate(uint32_t word, uint32_t element) {
    const uint32_t size = word >> 22 & 3;  // of elements: halves or words
    if (size != 1 && size != 2) return {};
    const bool is_scalar = (word >> 28 & 1) != 0;
    Instruction found;
    found.quad = (word >> 30 & 1) != 0 && !is_scalar;
    found.operation = found.quad ? Operation::vector_multiply_quad : Operation::vector_multiply;
    found.writes = vector(field(word, target));
    found.accumulator = found.writes;
    found.reads = vector(field(word, source)) | vector(element);
    return found;
}
// SQRDMLAH, SQRDMLSH, SDOT and UDOT, of vectors or by an element of one.
Instruction accumulate_vectors(uint32_t word) {
    return accumulate(word, field(word, second));
}
Instruction accumulate_element(uint32_t word) {
    const bool is_half = (word >> 22 & 3) == 1;  // the index takes a bit of the register
    return accumulate(word, is_half ? field(word, second) & 15 : field(word, second));
}

struct Encoding {
    uint32_t mask;
    uint32_t value;
    Instruction (*decode)(uint32_t word);
};
// In the order in which they are tried.
constexpr std::array encodings{
    Encoding{0x3fa07c00, 0x08a07c00, compare_and_swap},
    Encoding{0xbfa07c00, 0x08207c00, compare_and_swap_pair},
    Encoding{0x3ffffc00, 0x38bfc000, load_acquire},     // LDAPR
    Encoding{0x3f20fc00, 0x38208000, read_and_modify},  // SWP
    Encoding{0x3f208c00, 0x38200000, read_and_modify},
    Encoding{0x3ffffc00, 0x08df7c00, load_acquire},   // LDLAR
    Encoding{0x3ffffc00, 0x089f7c00, store_release},  // STLLR
    Encoding{0xfff8f01f, 0xd500401f, processor_state},
    // SQRDMLAH and SQRDMLSH, then SDOT and UDOT.
    Encoding{0xbf20f400, 0x2e008400, accumulate_vectors},
    Encoding{0xff20f400, 0x7e008400, accumulate_vectors},
    Encoding{0xbf00d400, 0x2f00d000, accumulate_element},
    Encoding{0xff00d400, 0x7f00d000, accumulate_element},
    Encoding{0x9fe0fc00, 0x0e809400, accumulate_vectors},
    Encoding{0x9fc0f400, 0x0f80e000, accumulate_element},
};

// Half precision has encodings of its own, which differ from those of single precision in `clear`
// and `set`.
struct HalfEncoding {
    uint32_t mask;
    uint32_t value;
    uint32_t clear;
    uint32_t set;
};
constexpr std::array half_encodings{
    HalfEncoding{0xfffefc00, 0x9ee60000, 0x80c00000, 0},           // FMOV from and to X registers
    HalfEncoding{0x7ec00000, 0x1ec00000, 0x00c00000, 0},           // scalar
    HalfEncoding{0x9f60c400, 0x0e400400, 0x00400000, 0x0020c000},  // of three vectors
    HalfEncoding{0xdf60c400, 0x5e400400, 0x00400000, 0x0020c000},  // of three scalars
    HalfEncoding{0x8f7fcc00, 0x0e78c800, 0x005c0000, 0},           // of two: comparisons with 0
    HalfEncoding{0x8f7f8c00, 0x0e798800, 0x005c0000, 0},           // of two: conversions
    HalfEncoding{0xaf7ecc00, 0x0e30c800, 0, 0x20000000},           // of the elements of one
    HalfEncoding{0x8fc0b400, 0x0f001000, 0x00100000, 0x00800000},  // by an element: FMLA, FMLS
    HalfEncoding{0x8fc0f400, 0x0f009000, 0x00100000, 0x00800000},  // by an element: FMUL, FMULX
    HalfEncoding{0x9ff8fc00, 0x0f00fc00, 0x00000800, 0},           // FMOV of an immediate
    HalfEncoding{0x8f70e400, 0x0f10e400, 0x00100000, 0x00200000},  // fixed point
};

}  // namespace

Instruction decode_later(uint32_t word) {
    for (const Encoding& encoding : encodings) {
        if ((word & encoding.mask) == encoding.value) return encoding.decode(word);
    }
    return {};
}

std::optional<uint32_t> single_for_half(uint32_t word) {
    for (const HalfEncoding& half : half_encodings) {
        if ((word & half.mask) == half.value) return (word & ~half.clear) | half.set;
    }
    return {};
}

}  // namespace orrery::timing
