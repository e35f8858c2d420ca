// SPDX-License-Identifier: Apache-2.0
// What a boot loader does.
#include "sim/phone/boot_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>
#include <stdexcept>
#include <vector>

#include "hal/host/port.hpp"
#include "sim/phone/device_tree.hpp"
#include "sim/phone/path_costs.hpp"
#include "sim/trace/kernel_view.hpp"

namespace orrery::phone {
namespace {

// What lies where at the start of the first memory node.
constexpr uint64_t kernel_offset = 0x20'0000;
constexpr uint64_t tree_offset = 0x100'0000;
constexpr uint64_t archive_offset = 0x200'0000;

// Offset of the word that says how much memory the kernel takes, in the header of an image (Linux
// arm64 boot protocol, Documentation/arch/arm64/booting.rst).
constexpr size_t image_size_offset = 0x10;

using Bytes = std::vector<std::byte>;

Bytes read_file(const char* what, const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error(
            fmt::format("the {} {} cannot be read: {}", what, path.string(), std::strerror(errno)));
    }
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

void put(const Arena& arena, uint64_t physical, const Bytes& bytes) {
    if (!bytes.empty())
        std::memcpy(arena.bytes(physical, bytes.size()).data(), bytes.data(), bytes.size());
}

// The host build is code of the simulator; only its data lies in the phone's memory: where the
// image has it, in as much room as the image takes.
void place_native_kernel(Loaded& loaded) {
    loaded.kernel_info = loaded.kernel_begin + image_layout.kernel_storage;
    loaded.kernel_end = std::max(loaded.kernel_begin + image_layout.image_end,
                                 loaded.kernel_info + hal::host::kernel_size());
}

void load_image(const std::filesystem::path& path, const Arena& arena,
                const trace::GuestMemory& memory, Loaded& loaded) {
    const Bytes image = read_file("kernel image", path);
    if (image.size() > tree_offset - kernel_offset) {
        throw std::runtime_error(
            fmt::format("the kernel image {} does not fit below the device tree", path.string()));
    }
    put(arena, loaded.kernel_begin, image);
    const auto found = trace::find_info(memory, image);
    if (!found || found->image_physical != loaded.kernel_begin) {
        throw std::runtime_error(fmt::format(
            "the kernel image {} does not want to lie at a border of 2 MiB", path.string()));
    }
    uint64_t size = 0;
    std::memcpy(&size, image.data() + image_size_offset, sizeof size);
    loaded.kernel_end = loaded.kernel_begin + size;
    loaded.kernel_info = found->info_physical;
}

Bytes given_tree(const std::filesystem::path& path) {
    Bytes file = read_file("device tree", path);
    if (file.size() > archive_offset - tree_offset) {
        throw std::runtime_error(fmt::format(
            "the device tree {} is larger than a boot loader would take", path.string()));
    }
    return file;
}

}  // namespace

Loaded load(const PhoneConfig& config, const Machine& machine, const Arena& arena,
            const trace::GuestMemory& memory) {
    const MemoryNode& node = machine.memory[0];
    Loaded loaded{};
    loaded.kernel_begin = loaded.kernel_entry = node.base + kernel_offset;
    if (config.cpu == CpuKind::Native)
        place_native_kernel(loaded);
    else
        load_image(config.image, arena, memory, loaded);
    if (loaded.kernel_end - node.base > tree_offset)
        throw std::runtime_error("the kernel's data does not fit below the device tree");

    const Bytes archive = read_file("archive", config.archive);
    if (archive.size() > node.size - archive_offset) {
        throw std::runtime_error(fmt::format("the archive {} does not fit into the phone's memory",
                                             config.archive.string()));
    }
    const uint64_t archive_begin = node.base + archive_offset;
    put(arena, archive_begin, archive);

    const Bytes tree =
        config.device_tree
            ? given_tree(*config.device_tree)
            : make_device_tree(machine, {.command_line = config.command_line,
                                         .archive_begin = archive_begin,
                                         .archive_end = archive_begin + archive.size(),
                                         .seed = config.seed});
    loaded.tree = node.base + tree_offset;
    loaded.tree_size = tree.size();
    put(arena, loaded.tree, tree);
    return loaded;
}

}  // namespace orrery::phone
