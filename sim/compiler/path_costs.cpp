// SPDX-License-Identifier: Apache-2.0
// Costs of the image's assembly paths, from the linked image, as C++ for sim/phone. Called by the
// build.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/compiler/code_bytes.hpp"
#include "sim/compiler/segment_costs.hpp"

namespace {

using namespace orrery::compiler;

// A stretch of straight-line code between two symbols; without an end, a whole function.
struct Stretch {
    const char* begin;
    const char* end;
};

// In the order of orrery::phone::KernelPath.
struct Path {
    const char* name;
    std::vector<Stretch> stretches;
};

std::vector<Path> all_paths() {
    return {
        {"TrapEntry",
         {{"path_user_vector", "path_user_vector_end"},
          {"path_from_user", "resume_user"},
          {"hal_trap", ""}}},
        {"TrapExit", {{"resume_user", "interrupt_in_kernel"}}},
        {"KernelInterrupt",
         {{"path_kernel_vector", "path_kernel_vector_end"},
          {"interrupt_in_kernel", "path_kernel_return"},
          {"hal_interrupt_in_kernel", ""},
          {"path_kernel_return", "path_kernel_return_end"}}},
        {"VectorSave", {{"hal_vector_save", "hal_vector_restore"}}},
        {"VectorRestore", {{"hal_vector_restore", "path_vector_state_end"}}},
        {"ClearUserSpace", {{"_ZN3hal7Machine16clear_user_spaceEv", ""}}},
        {"SynchroniseCode",
         {{"hal_synchronise_code", "path_synchronise_line"},
          {"path_synchronise_line_end", "path_synchronise_end"}}},
        {"SynchroniseLine", {{"path_synchronise_line", "path_synchronise_line_end"}}},
        {"StartCpu", {{"_ZN3hal7Machine9start_cpuEjmNS_12PowerConduitE", ""}}},
    };
}

Cost cost_of(const Path& path, const CodeBytes& code, CoreSet& cores) {
    Cost sum;
    for (const Stretch& stretch : path.stretches) {
        const std::string begin = stretch.begin;
        const std::string end = stretch.end;
        sum += cores.cost(end.empty() ? code.words(begin, begin, end) : code.between(begin, end));
    }
    return sum;
}

std::string generate(const std::string& elf, const std::vector<std::string>& names) {
    std::ifstream file(elf, std::ios::binary);
    if (!file) throw std::runtime_error(fmt::format("{} cannot be read", elf));
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const CodeBytes code(bytes, elf);
    CoreSet cores(names);
    std::string text =
        "#include \"sim/phone/path_costs.hpp\"\n"
        "namespace orrery::phone {\n"
        "const PathCost path_costs[] = {\n";
    for (const Path& path : all_paths()) {
        const Cost cost = cost_of(path, code, cores);
        text += fmt::format("    {{{{{}}}}},  // {}\n", fmt::join(cost.lanes, ", "), path.name);
    }
    return text + "};\n}  // namespace orrery::phone\n";
}

}  // namespace

// Arguments: the image's ELF file, the file to write, the core types.
int main(int count, char** words) {
    try {
        const std::vector<std::string> arguments(words + 1, words + count);
        if (arguments.size() < 3) {
            throw std::runtime_error("usage: orrery-path-costs ELF OUTPUT CORE...");
        }
        const std::string text = generate(arguments[0], {arguments.begin() + 2, arguments.end()});
        std::ofstream output(arguments[1], std::ios::trunc);
        output << text;
        output.close();
        if (!output) throw std::runtime_error(fmt::format("{} cannot be written", arguments[1]));
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "orrery-path-costs: {}\n", error.what());
        return 1;
    }
}
