// SPDX-License-Identifier: Apache-2.0
// Starting a program out of the boot archive.
#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
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

// A right derived from the giver's, or one that allows nothing where that cannot be: who has
// nothing, or may not pass it on, gives nothing.
Result<uint32_t> give_some(Task& giver, uint32_t from, uint32_t mask, Task& task, ObjectType type,
                           void* object) {
    Derivation what;
    what.mask = mask;
    const Result<uint32_t> derived = derive(giver, from, what, task);
    const bool nothing =
        derived.status() == Status::NotFound || derived.status() == Status::PermissionDenied;
    return nothing ? grant(task, type, object, 0) : derived;
}

Result<uint32_t> give_system(Task& task, const SpawnRights& rights) {
    constexpr auto type = ObjectType::System;
    if (rights.giver == nullptr) return grant(task, type, nullptr, abi::right_all_system);
    return give_some(*rights.giver, abi::system_name, rights.system, task, type, nullptr);
}

Result<uint32_t> give_container(Task& task, const SpawnRights& rights) {
    constexpr auto type = ObjectType::Container;
    void* const own = reference_to(task.container);
    if (rights.giver == nullptr) return grant(task, type, own, abi::right_all_container);
    const uint32_t from = rights.container != 0 ? rights.container : abi::container_name;
    return give_some(*rights.giver, from, rights.container_mask, task, type, own);
}

// The names are those that the ABI promises: the table is new.
Status give_rights(Task& task, const SpawnRights& rights) {
    uint32_t name = TRY(give_system(task, rights));
    KERNEL_ASSERT(name == abi::system_name);
    name = TRY(grant(task, ObjectType::Task, reference_to(task), abi::right_all_task));
    KERNEL_ASSERT(name == abi::task_name);
    name = TRY(give_container(task, rights));
    KERNEL_ASSERT(name == abi::container_name);
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

Result<NewObject> spawn(const SpawnRequest& request) {
    const PreparedTask prepared = TRY(prepare_task(request));
    Tasks& tasks = kernel().tasks;
    Task* giver = request.rights.giver;
    NewObject made{.name = 0, .id = prepared.task->id};
    Status status = Status::Ok;
    if (giver != nullptr) {
        const Result<uint32_t> name =
            grant(*giver, ObjectType::Task, reference_to(*prepared.task), abi::right_all_task);
        status = name.status();
        if (name.ok()) made.name = name.value();
    }
    if (status == Status::Ok) status = tasks.start(*prepared.task, *prepared.first);
    if (status == Status::Ok) return made;
    if (made.name != 0) (void)close_right(*giver, made.name);
    tasks.abandon(*prepared.task);
    return status;
}

}  // namespace kernel
