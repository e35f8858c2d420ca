// SPDX-License-Identifier: Apache-2.0
// Costs of the image's assembly paths, and where things lie in the image, from the linked image, as
// C++ for sim/phone. Called by the build.
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
        {"TrapExit", {{"resume_user", "resume_same"}}},
        {"TrapReturn", {{"resume_same", "hal_run_above"}}},
        {"RunAbove", {{"hal_run_above", "path_run_above_end"}}},
        {"LeaveAbove", {{"leave_above", "path_leave_above_end"}}},
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

std::vector<CodePiece> pieces_of(const Path& path, const CodeBytes& code) {
    std::vector<CodePiece> all;
    for (const Stretch& stretch : path.stretches) {
        const std::string begin = stretch.begin;
        const std::string end = stretch.end;
        const auto words = end.empty() ? code.words(begin, begin, end) : code.between(begin, end);
        const uint64_t offset = code.address(begin) - code.address("image_begin");
        for (const CodePiece& piece : orrery::compiler::pieces_of(words, offset, {}))
            all.push_back(piece);
    }
    return all;
}

std::string pieces_text(const std::string& name, const std::vector<CodePiece>& pieces) {
    std::string text = fmt::format("constexpr hal::host::CodePiece {}[] = {{\n", name);
    for (const CodePiece& piece : pieces)
        text += fmt::format("    {{{:#x}, {}, {:#010x}}},\n", piece.offset, piece.size,
                            piece.last_word);
    return text + "};\n";
}

// In the order of orrery::phone::ImageLayout.
std::string layout_text(const CodeBytes& code) {
    std::string text = "const ImageLayout image_layout = {\n";
    for (const char* symbol :
         {"text_end", "rodata_end", "image_end", "kernel_stacks", "cpu_locals",
          "kernel_storage_bytes", "kernel_root_table",
          "_ZN3hal7aarch6412_GLOBAL__N_112image_level1E",
          "_ZN3hal7aarch6412_GLOBAL__N_112image_level2E",
          "_ZN3hal7aarch6412_GLOBAL__N_112image_level3E", "_ZN3hal7aarch6412_GLOBAL__N_14poolE"}) {
        text += fmt::format("    {:#x},  // {}\n",
                            code.address(symbol) - code.address("image_begin"), symbol);
    }
    return text + "};\n";
}

std::string costs_text(const CodeBytes& code, const std::vector<std::string>& names) {
    CoreSet cores(names);
    std::string text =
        "#include \"sim/phone/path_costs.hpp\"\n"
        "namespace orrery::phone {\n"
        "namespace {\n";
    for (const Path& path : all_paths())
        text += pieces_text(fmt::format("pieces_of_{}", path.name), pieces_of(path, code));
    text +=
        "}  // namespace\n"
        "const PathCost path_costs[] = {\n";
    for (const Path& path : all_paths()) {
        const Cost cost = cost_of(path, code, cores);
        text += fmt::format("    {{{{{}}}, pieces_of_{}, {}}},\n", fmt::join(cost.lanes, ", "),
                            path.name, pieces_of(path, code).size());
    }
    return text + "};\n" + layout_text(code) + "}  // namespace orrery::phone\n";
}

// One constant for each function, under the name that the kernel compiler gives it (counters.cpp).
std::string places_text(const CodeBytes& code) {
    std::string text = "#include <cstdint>\n";
    uint32_t number = 0;
    for (const auto& [name, address] : code.functions()) {
        text += fmt::format(
            "extern const uint64_t place_{0} __asm__(\"orrery_place.{1}\");\n"
            "const uint64_t place_{0} = {2:#x};\n",
            number, name, address);
        ++number;
    }
    return text + fmt::format(
                      "extern \"C\" {{ extern const uint32_t orrery_function_count; }}\n"
                      "const uint32_t orrery_function_count = {};\n",
                      number);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(fmt::format("{} cannot be read", path));
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream output(path, std::ios::trunc);
    output << text;
    output.close();
    if (!output) throw std::runtime_error(fmt::format("{} cannot be written", path));
}

}  // namespace

// Arguments: the image's ELF file, the two files to write, the core types.
int main(int count, char** words) {
    try {
        const std::vector<std::string> arguments(words + 1, words + count);
        if (arguments.size() < 4)
            throw std::runtime_error("usage: orrery-path-costs ELF COSTS PLACES CORE...");
        const std::string bytes = read_file(arguments[0]);
        const CodeBytes code(bytes, arguments[0]);
        write_file(arguments[1], costs_text(code, {arguments.begin() + 3, arguments.end()}));
        write_file(arguments[2], places_text(code));
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "orrery-path-costs: {}\n", error.what());
        return 1;
    }
}
