// SPDX-License-Identifier: Apache-2.0
// Starting a program out of the boot archive.
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
    TRY_STATUS(task.space.create());
    task.space.place_mappings_from(layout.mappings_begin);
    TRY_STATUS(load_elf(file.data, program, kernel().files, task.space));
    TRY(task.space.map(abi::user_stack_size, abi::ProtectionRead | abi::ProtectionWrite,
                       layout.stack_begin()));
    const uint64_t at = (layout.stack_end - arguments.size()) & ~uint64_t{15};
    TRY_STATUS(task.space.write(at, arguments.data(), arguments.size()));
    return FirstThread{program.entry, at};
}

Status give_objects(AddressSpace& space, SpawnObjects& objects) {
    for (uint32_t i = 0; i < objects.count; ++i) {
        MemoryObject* object = objects.objects[i];
        objects.objects[i] = nullptr;
        TRY(space.hold(*object));
    }
    return Status::Ok;
}

// What is left in `objects` has not been handed over.
Result<PreparedTask> prepare_with(const SpawnRequest& request, SpawnObjects& objects) {
    Kernel& k = kernel();
    const std::string_view arguments = request.arguments;
    if (arguments.size() > abi::argument_size) return Status::InvalidArgument;
    ArchiveFile file{};
    TRY_STATUS(k.archive.find(request.path, file));
    const std::string_view name = request.path.substr(request.path.rfind('/') + 1);
    Task* task = TRY(k.tasks.create(request.parent, name, request.container));

    const Result<FirstThread> first = load_program(*task, file, arguments);
    const Status given = first.ok() ? give_objects(task->space, objects) : first.status();
    if (given != Status::Ok) {
        k.tasks.abandon(*task);
        return given;
    }
    const Result<Thread*> thread =
        k.tasks.create_thread(*task, first.value().entry, first.value().arguments,
                              first.value().arguments, arguments.size(), request.cpu_mask);
    if (!thread.ok()) {
        k.tasks.abandon(*task);
        return thread.status();
    }
    return PreparedTask{task, thread.value()};
}

}  // namespace

void SpawnObjects::release() {
    for (uint32_t i = 0; i < count; ++i) {
        if (objects[i] != nullptr) objects[i]->release();
    }
}

Result<PreparedTask> prepare_task(const SpawnRequest& request) {
    SpawnObjects left = request.objects;
    const Result<PreparedTask> prepared = prepare_with(request, left);
    left.release();
    return prepared;
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
