// SPDX-License-Identifier: Apache-2.0
// The kernel compiler: makes of one source's bitcode the AArch64 object that goes into the image,
// and the host object that counts what the former would cost. Called by the build.
#include <fmt/format.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/compiler/attribution.hpp"
#include "sim/compiler/host_object.hpp"
#include "sim/compiler/image_object.hpp"
#include "sim/compiler/segment_costs.hpp"
#include "sim/compiler/shared_code.hpp"

namespace {

using namespace orrery::compiler;

constexpr auto usage =
    "usage: orrery-kernel-compiler --input=BITCODE --image-layer=BITCODE --host-layer=BITCODE\n"
    "           --core=NAME [--core=NAME] --image-object=FILE --host-object=FILE\n"
    "           [--memory-object=FILE] [--report=FILE]\n"
    "Makes the AArch64 object of a kernel source, and its host object with counters.\n"
    "  --core           a core type to count for (a file of sim/data/cores)\n"
    "  --memory-object  a second host object, which reports its loads and stores as well\n"
    "  --report         what the costs of each function's blocks are, as text\n";

struct Options {
    std::map<std::string, std::string> files;
    std::vector<std::string> cores;

    [[nodiscard]] const std::string& at(const std::string& name) const {
        const auto found = files.find(name);
        if (found == files.end()) throw std::runtime_error(name + " is missing");
        return found->second;
    }
};

Options parse(int count, char** words) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const std::string name = word.substr(0, word.find('='));
        const bool known = name == "--input" || name == "--image-layer" || name == "--host-layer" ||
                           name == "--image-object" || name == "--host-object" ||
                           name == "--memory-object" || name == "--report" || name == "--core";
        if (!known || name == word) {
            throw std::runtime_error(fmt::format("what is {}?\n{}", word, usage));
        }
        const std::string value = word.substr(name.size() + 1);
        if (name == "--core") {
            options.cores.push_back(value);
        } else {
            options.files[name] = value;
        }
    }
    return options;
}

void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw std::runtime_error(fmt::format("{} cannot be written", path));
}

std::string describe(const Cost& cost) {
    std::string text;
    for (const int64_t lane : cost.lanes) {
        text += fmt::format(" {:.2f}", static_cast<double>(lane) / orrery::timing::parts_per_cycle);
    }
    return text;
}

std::string report(const std::map<std::string, Attribution>& costs) {
    std::string text;
    for (const auto& [name, attribution] : costs) {
        text += fmt::format("{}: {} blocks, {} duplicated, {} absent, {} ambiguous\n", name,
                            attribution.blocks.size(), attribution.duplicated, attribution.absent,
                            attribution.ambiguous);
        for (size_t i = 0; i < attribution.blocks.size(); ++i) {
            text += fmt::format("  {}:{}\n", i, describe(attribution.blocks[i]));
        }
        for (const auto& [edge, cost] : attribution.edges) {
            text += fmt::format("  {} -> {}:{}\n", edge.first, edge.second, describe(cost));
        }
    }
    return text;
}

struct Attributed {
    std::map<std::string, Attribution> costs;
    std::map<std::string, FunctionWalks> walks;
};

Attributed attribute_all(const std::map<std::string, IrGraph>& graphs, const ImageObject& image,
                         CoreSet& cores, const std::string& name) {
    const CodeBytes code(image.bytes, name);
    Attributed result;
    std::string lost;
    for (const auto& [function, record] : image.functions) {
        const auto graph = graphs.find(function);
        if (graph == graphs.end()) continue;  // of the machine layer, not inlined
        const MachineGraph machine = machine_graph(function, record, code, cores);
        Attribution& attribution = result.costs[function] = attribute(graph->second, machine);
        result.walks[function] = walks_of(attribution, machine);
        for (const std::string& what : attribution.lost) {
            lost += fmt::format("\n  {}: {}", function, what);
        }
    }
    if (!lost.empty()) {
        throw std::runtime_error(fmt::format(
            "{}: these costs could not be attributed, native time would be wrong:{}", name, lost));
    }
    return result;
}

void compile(const Options& options) {
    const std::string& input = options.at("--input");
    CoreSet cores(options.cores);
    llvm::LLVMContext context;
    const auto shared = read_bitcode(input, context);
    lower_block_operations(*shared);
    const std::map<std::string, IrGraph> graphs = place_probes(*shared);

    const auto for_image = llvm::CloneModule(*shared);
    inline_machine_layer(*for_image, options.at("--image-layer"));
    const ImageObject image = make_image_object(*for_image);
    const auto [costs, walks] = attribute_all(graphs, image, cores, input);

    const HostOptions host{.machine_layer = options.at("--host-layer")};
    if (options.files.contains("--memory-object")) {
        const auto copy = llvm::CloneModule(*shared);
        HostOptions with_accesses = host;
        with_accesses.walks = &walks;
        write_file(options.at("--memory-object"), make_host_object(*copy, costs, with_accesses));
    }
    const std::string host_object = make_host_object(*shared, costs, host);
    if (options.files.contains("--report")) write_file(options.at("--report"), report(costs));
    write_file(options.at("--image-object"), image.bytes);
    write_file(options.at("--host-object"), host_object);
}

}  // namespace

int main(int count, char** words) {
    try {
        LLVMInitializeAArch64TargetInfo();
        LLVMInitializeAArch64Target();
        LLVMInitializeAArch64TargetMC();
        LLVMInitializeAArch64AsmPrinter();
        LLVMInitializeAArch64AsmParser();
        LLVMInitializeX86TargetInfo();
        LLVMInitializeX86Target();
        LLVMInitializeX86TargetMC();
        LLVMInitializeX86AsmPrinter();
        LLVMInitializeX86AsmParser();
        compile(parse(count, words));
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "orrery-kernel-compiler: {}\n", error.what());
        return 1;
    }
}
