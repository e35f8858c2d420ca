// SPDX-License-Identifier: Apache-2.0
// Starting a program out of the boot archive.
#include "kernel/capability/capabilities.hpp"
#include "kernel/kernel.hpp"
#include "kernel/task/elf.hpp"
#include "kernel/task/user_layout.hpp"

namespace kernel {
namespace {

UserLayout choose_layout(const ElfProgram& program) {
    Kernel& k = kernel();
    const bool random = k.options.aslr && program.movable && k.random.seeded();
    return random ? random_layout(k.random) : UserLayout{};
}

struct FirstThread {
    uint64_t entry;
    uint64_t arguments;  // where the argument string lies, at the top of the stack
};

Result<FirstThread> load_program(Task& task, const ArchiveFile& file, std::string_view arguments) {
    ElfProgram program;
    TRY_STATUS(read_elf(file.data, file.size, program));
    const UserLayout layout = choose_layout(program);
    program.move(layout.program_bias);
    task.load_bias = layout.program_bias;
    TRY_STATUS(kernel().memory.insist([&] { return task.space.create(); }));
    task.space.place_mappings_from(layout.mappings_begin);
    TRY_STATUS(load_elf(file.data, program, kernel().files, task.space));
    TRY(task.space.map(abi::user_stack_size, abi::ProtectionRead | abi::ProtectionWrite,
                       layout.stack_begin()));
    const uint64_t at = (layout.stack_end - arguments.size()) & ~uint64_t{15};
    TRY_STATUS(task.space.write(at, arguments.data(), arguments.size()));
    return FirstThread{program.entry, at};
}

// The names are those that the ABI promises: the table is new.
Status give_rights(Task& task, const SpawnRights& rights) {
    uint32_t name = 0;
    if (rights.giver == nullptr) {
        name = TRY(grant(task, ObjectType::System, nullptr, abi::right_all_system));
    } else {
        Derivation what;
        what.mask = rights.system;
        const Result<uint32_t> derived = derive(*rights.giver, abi::system_name, what, task);
        // Who has nothing, or may not pass it on, gives nothing.
        const bool nothing =
            derived.status() == Status::NotFound || derived.status() == Status::PermissionDenied;
        name = TRY(nothing ? grant(task, ObjectType::System, nullptr, 0) : derived);
    }
    KERNEL_ASSERT(name == abi::system_name);
    constexpr uint32_t own = abi::right_common | abi::RightControl | abi::RightInspect;
    name = TRY(grant(task, ObjectType::Task, reinterpret_cast<void*>(uint64_t{task.id}), own));
    KERNEL_ASSERT(name == abi::task_name);
    for (uint32_t i = 0; i < rights.count; ++i) {
        TRY(derive(*rights.giver, rights.names[i], {}, task));
    }
    return Status::Ok;
}

}  // namespace

Result<PreparedTask> prepare_task(const SpawnRequest& request) {
    Kernel& k = kernel();
    const std::string_view arguments = request.arguments;
    if (arguments.size() > abi::argument_size) return Status::InvalidArgument;
    ArchiveFile file{};
    TRY_STATUS(k.archive.find(request.path, file));
    const std::string_view name = request.path.substr(request.path.rfind('/') + 1);
    Task* task = TRY(
        k.memory.insist([&] { return k.tasks.create(request.parent, name, request.container); }));

    const Result<FirstThread> first = load_program(*task, file, arguments);
    const Status given = first.ok() ? give_rights(*task, request.rights) : first.status();
    if (given != Status::Ok) {
        k.tasks.abandon(*task);
        return given;
    }
    const FirstThread& start = first.value();
    const Result<Thread*> thread = k.memory.insist([&] {
        return k.tasks.create_thread(*task, start.entry, start.arguments, start.arguments,
                                     arguments.size(), request.cpu_mask);
    });
    if (!thread.ok()) {
        k.tasks.abandon(*task);
        return thread.status();
    }
    return PreparedTask{task, thread.value()};
}

Result<uint32_t> spawn(const SpawnRequest& request) {
    const PreparedTask prepared = TRY(prepare_task(request));
    const uint32_t id = prepared.task->id;
    const Status started = kernel().tasks.start(*prepared.task, *prepared.first);
    if (started == Status::Ok) return id;
    kernel().tasks.abandon(*prepared.task);
    return started;
}

}  // namespace kernel
