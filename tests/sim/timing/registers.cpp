// SPDX-License-Identifier: Apache-2.0
// Registers by their names.
#include "tests/sim/timing/registers.hpp"

#include <sstream>
#include <stdexcept>

namespace orrery::timing {

namespace {

RegisterSet named(const std::string& name) {
    if (name == "sp") return RegisterSet{1} << 31;
    const unsigned long number = std::stoul(name.substr(1));
    if (name[0] == 'x' && number < 31) return RegisterSet{1} << number;
    if (name[0] == 'v' && number < 32) return RegisterSet{1} << (32 + number);
    throw std::invalid_argument("no register is called " + name);
}

}  // namespace

RegisterSet registers(std::string_view names) {
    std::istringstream each{std::string(names)};
    RegisterSet set = 0;
    for (std::string name; each >> name;) set |= named(name);
    return set;
}

RegisterSet all_reads(const Instruction& instruction) {
    return instruction.reads | instruction.address | instruction.data | instruction.accumulator;
}

RegisterSet all_writes(const Instruction& instruction) {
    return instruction.writes | instruction.base;
}

}  // namespace orrery::timing
