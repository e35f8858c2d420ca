// SPDX-License-Identifier: Apache-2.0
// The fuzzer of what the kernel reads before it has programs: device trees, archives, ELF files and
// command lines. The first byte chooses the reader.
#include <cstdlib>
#include <memory>
#include <string_view>

#include "kernel/boot/archive.hpp"
#include "kernel/boot/command_line.hpp"
#include "kernel/boot/machine.hpp"
#include "kernel/task/elf.hpp"
#include "tests/fuzz/byte_source.hpp"
#include "tests/user/archive_builder.hpp"

namespace {

using kernel::Status;

uint64_t sum = 0;  // of all that was read, so that it is read

void use(std::string_view text) {
    for (const char character : text) sum += static_cast<unsigned char>(character);
}

void require(bool condition) {
    if (!condition) std::abort();
}

void read_device_tree(std::span<const uint8_t> bytes) {
    kernel::DeviceTree tree;
    if (tree.open(bytes.data(), bytes.size()) != Status::Ok) return;
    require(tree.total_size() <= bytes.size());
    tree.for_each_node([&](const kernel::DeviceTree::Node& node, std::string_view name) {
        use(name);
        use(tree.property(node, "compatible").text());
        return true;
    });
    kernel::MachineDescription machine;
    const Status status = kernel::describe_machine(tree, machine);
    require((status == Status::Ok) == (machine.missing == nullptr));
    use(machine.command_line);
    for (unsigned i = 0; i < machine.bank_count; ++i) {
        require(machine.banks[i].begin < machine.banks[i].end);
    }
    for (unsigned i = 0; i < machine.reserved_count; ++i) {
        require(machine.reserved[i].begin <= machine.reserved[i].end);
    }
}

void read_archive(std::span<const uint8_t> bytes) {
    const kernel::Archive archive(bytes.data(), bytes.size());
    uint64_t files = 0;
    const Status whole = archive.check(files);
    kernel::ArchiveFile file{};
    const Status found = archive.find("bin/init", file);
    if (found != Status::Ok) return;
    require(file.data >= bytes.data() && file.data + file.size <= bytes.data() + bytes.size());
    require(whole != Status::Ok || files != 0);
    use({reinterpret_cast<const char*>(file.data), file.size});
}

void read_program(std::span<const uint8_t> bytes) {
    kernel::ElfProgram program;
    if (kernel::read_elf(bytes.data(), bytes.size(), program) != Status::Ok) return;
    require(program.segment_count != 0);
    require(program.segment_count <= kernel::ElfProgram::max_segments);
    bool entered = false;
    for (unsigned i = 0; i < program.segment_count; ++i) {
        const kernel::ElfSegment& one = program.segments[i];
        require(one.file_size <= bytes.size());
        require(one.file_offset <= bytes.size() - one.file_size);
        require(one.file_size <= one.memory_size);
        require(one.address + one.memory_size <= kernel::abi::user_end);
        constexpr uint32_t both = kernel::abi::ProtectionWrite | kernel::abi::ProtectionExecute;
        require((one.protection & both) != both);
        entered |= program.entry >= one.address && program.entry - one.address < one.memory_size;
    }
    require(entered);
}

void read_command_line(std::span<const uint8_t> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    kernel::CommandLine result;
    const Status status = kernel::parse_command_line(text, result);
    require((status == Status::Ok) == result.bad_word.empty());
    if (status != Status::Ok) return;
    require(result.task_memory_percent <= 100 && result.swap_memory_percent <= 50);
    use(result.init);
    use(result.init_arguments);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    fuzz::ByteSource source(bytes, size);
    const unsigned reader = source.byte() % 4U;
    // On a heap block of exactly the size, where the address sanitizer sees a read past its end.
    const user::ExactBytes exact({reinterpret_cast<const char*>(source.rest()), source.left()});
    switch (reader) {
        case 0: read_device_tree(exact.span()); break;
        case 1: read_archive(exact.span()); break;
        case 2: read_program(exact.span()); break;
        default: read_command_line(exact.span());
    }
    return 0;
}
