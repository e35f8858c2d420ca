// SPDX-License-Identifier: Apache-2.0
// The whole kernel on the fake machine.
#include "tests/kernel/running_kernel.hpp"

#include <cstring>

#include "tests/kernel/elf_builder.hpp"
#include "tests/kernel/machine_trees.hpp"
#include "tests/user/archive_builder.hpp"

namespace kernel {

static_assert(RunningKernel::buffer == ElfBuilder::data_at);

BootOptions RunningKernel::usual(std::string command_line) {
    BootOptions options;
    options.command_line = std::move(command_line);
    const std::string program = ElfBuilder().bytes();
    options.files = {{"bin/init", program}, {"bin/child", program}, {"bin/broken", "no program"}};
    return options;
}

RunningKernel::RunningKernel(const BootOptions& options) : machine(options.device) {
    user::ArchiveBuilder builder;
    for (const auto& [name, bytes] : options.files) builder.add(name, bytes);
    const std::string archive = builder.end().bytes();
    std::memcpy(FakeMachine::memory(archive_at), archive.data(), archive.size());

    const uint64_t begin = options.archive_in_memory ? archive_at : FakeMachine::memory_end - 16;
    const bool present = !options.files.empty();
    std::string tree = virt_tree({.command_line = options.command_line,
                                  .archive_begin = begin,
                                  .archive_end = present ? begin + archive.size() : 0,
                                  .cpus = options.cpus,
                                  .without = options.without,
                                  .scmi = options.scmi,
                                  .two_nodes = options.two_nodes});
    if (!options.whole_tree) tree.resize(tree.size() / 2);
    std::memcpy(FakeMachine::memory(tree_at), tree.data(), tree.size());

    hal::BootInformation boot{};
    boot.device_tree = FakeMachine::memory(tree_at);
    boot.device_tree_limit = options.whole_tree ? 0x10000 : tree.size();
    boot.device_tree_physical = tree_at;
    boot.image_begin = FakeMachine::memory_begin;
    boot.image_end = FakeMachine::image_end;
    machine.above = [this](hal::UserFrame& first) {
        hal::UserFrame* const below = frame;
        for (frame = &first; frame != nullptr;) {
            if (on_above) {
                on_above();
            } else {
                sleep_above();
            }
        }
        frame = below;
    };
    frame = entry::boot(boot);
}

void RunningKernel::sleep_above() {
    if (thread().repeats) return start_call(static_cast<abi::SystemCall>(frame->x[8]));
    start_call(abi::SystemCall::ThreadSleep, {1'000'000});
}

void RunningKernel::trap(hal::TrapKind kind, uint32_t syndrome, uint64_t address) {
    const hal::UserFrame* const trapped = frame;
    const hal::UserFrame before = *frame;
    const hal::Resume resume = entry::trap({kind, syndrome, address});
    frame = resume.frame;
    if (frame == nullptr) {
        EXPECT_EQ(kernel().scheduler.current(), nullptr);
        return;
    }
    EXPECT_EQ(frame, &thread().frame);
    if (resume.same != 0) {
        EXPECT_EQ(frame, trapped);
        constexpr size_t first = offsetof(hal::UserFrame, x[19]);
        constexpr size_t after = offsetof(hal::UserFrame, x[29]);
        constexpr size_t rest = offsetof(hal::UserFrame, sp);
        const auto* now = reinterpret_cast<const char*>(frame);
        const auto* then = reinterpret_cast<const char*>(&before);
        EXPECT_EQ(std::memcmp(now + first, then + first, after - first), 0);
        EXPECT_EQ(std::memcmp(now + rest, then + rest, sizeof before - rest), 0);
    }
    EXPECT_TRUE(HeldRanks::none());
}

void RunningKernel::start_call(abi::SystemCall call, std::initializer_list<uint64_t> arguments) {
    constexpr uint32_t supervisor_call = 0x15U << 26 | 1U << 25;
    frame->x[8] = static_cast<uint64_t>(call);
    size_t index = 0;
    for (const uint64_t argument : arguments) frame->x[index++] = argument;
    frame->pc += 4;  // behind the instruction
    trap(hal::TrapKind::Synchronous, supervisor_call);
}

uint64_t RunningKernel::call(abi::SystemCall call, std::initializer_list<uint64_t> arguments) {
    const hal::UserFrame* caller = frame;
    start_call(call, arguments);
    while (frame == caller && thread().repeats) start_call(call, {});
    EXPECT_EQ(frame, caller) << "another thread runs after " << abi::system_call_name(call);
    return frame->x[0];
}

uint64_t RunningKernel::spawn(std::string_view path, std::string_view arguments) {
    poke(buffer + 0x100, path);
    poke(buffer + 0x200, arguments);
    poke_value(buffer, abi::SpawnArguments{.path = buffer + 0x100,
                                           .path_length = path.size(),
                                           .arguments = buffer + 0x200,
                                           .arguments_length = arguments.size(),
                                           .cpu_mask = 0,
                                           .objects = 0,
                                           .object_count = 0,
                                           .system = abi::right_usual_system});
    return spawn_from(buffer);
}

uint64_t RunningKernel::spawn_from(uint64_t arguments_at) {
    const uint64_t name = call(abi::SystemCall::TaskSpawn, {arguments_at});
    return static_cast<int64_t>(name) < 0 ? name : frame->x[1];
}

uint64_t RunningKernel::create_thread(std::initializer_list<uint64_t> arguments) {
    const uint64_t name = call(abi::SystemCall::ThreadCreate, arguments);
    return static_cast<int64_t>(name) < 0 ? name : frame->x[1];
}

uint64_t RunningKernel::right_to(abi::ObjectType type, uint64_t id) const {
    const RightTable& rights = task().rights;
    for (uint32_t position = 0; const Right* right = rights.next(position, rights.end());) {
        if (right->type == type && number_in(right->object) == id) return right->name;
        ++position;
    }
    return abi::null_name;
}

void RunningKernel::run_task(uint64_t id) {
    for (unsigned i = 0; i < 600 && task().id != id; ++i) {
        start_call(abi::SystemCall::ThreadYield);
    }
    EXPECT_EQ(task().id, id);
}

const abi::TaskInfo* RunningKernel::info_of(uint64_t task_id) const {
    for (const abi::TaskInfo& info : kernel().info.tasks) {
        if (info.id == task_id && task_id != 0) return &info;
    }
    return nullptr;
}

void RunningKernel::poke(uint64_t address, std::string_view bytes) {
    EXPECT_EQ(space().load(address, bytes.data(), bytes.size()), Status::Ok);
}

std::string RunningKernel::peek(uint64_t address, uint64_t size) {
    std::string bytes(size, '\0');
    EXPECT_EQ(space().read(bytes.data(), address, size), Status::Ok);
    return bytes;
}

}  // namespace kernel
