// SPDX-License-Identifier: Apache-2.0
// System calls on memory objects.
#include "kernel/kernel.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"
#include "kernel/memory/objects/physical_object.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr uint64_t longest_path = 128;

Result<MemoryObject*> create_anonymous(uint64_t size) {
    if (size == 0 || size % page != 0 || size > abi::user_end) return Status::InvalidArgument;
    Memory& memory = kernel().memory;
    AnonymousObject* object =
        TRY(memory.insist([&] { return AnonymousObject::create(memory, size / page, nullptr); }));
    return static_cast<MemoryObject*>(object);
}

Result<MemoryObject*> open_file(Task& task, uint64_t user_path, uint64_t length) {
    if (length == 0 || length > longest_path) return Status::InvalidArgument;
    char path[longest_path];
    TRY_STATUS(task.space.read(path, user_path, length));
    Kernel& k = kernel();
    ArchiveFile file{};
    TRY_STATUS(k.archive.find({path, length}, file));
    if (file.size == 0) return Status::InvalidArgument;
    FileObject* object = TRY(k.memory.insist([&] {
        return k.files.open({file.data, file.size, 0});
    }));
    return static_cast<MemoryObject*>(object);
}

// Anything but memory is a device's. Whether one answers there, whoever touches it finds out.
Result<MemoryObject*> create_physical(const Task& task, uint64_t begin, uint64_t size) {
    if (task.id != Tasks::init_id) return Status::PermissionDenied;
    if (size == 0 || size % page != 0 || begin % page != 0) return Status::InvalidArgument;
    if (begin >= physical_end || size > physical_end - begin) return Status::InvalidArgument;
    Kernel& k = kernel();
    if (k.machine.has_memory_in({begin, begin + size})) return Status::InvalidArgument;
    PhysicalObject* object = TRY(k.memory.insist([&] {
        return PhysicalObject::create(k.memory, begin, size / page, true, MemoryType::Device);
    }));
    return static_cast<MemoryObject*>(object);
}

// Which object, and a handle for it.
Result<uint32_t> create(Call& call) {
    MemoryObject* object = nullptr;
    switch (call.argument(0)) {
        case static_cast<uint64_t>(abi::ObjectKind::Anonymous):
            object = TRY(create_anonymous(call.argument(1)));
            break;
        case static_cast<uint64_t>(abi::ObjectKind::File):
            object = TRY(open_file(call.task(), call.argument(1), call.argument(2)));
            break;
        case static_cast<uint64_t>(abi::ObjectKind::Physical):
            object = TRY(create_physical(call.task(), call.argument(1), call.argument(2)));
            break;
        default: return Status::InvalidArgument;
    }
    return call.task().space.hold(*object);
}

// Numbers that do not fit become one that no handle has.
uint32_t handle_argument(uint64_t value) {
    return value < abi::max_handles ? static_cast<uint32_t>(value) : abi::max_handles;
}

Result<uint32_t> copy(AddressSpace& space, uint32_t handle) {
    MemoryObject* from = TRY(space.held(handle));
    Memory& memory = space.memory();
    const Result<AnonymousObject*> copied = memory.insist(
        [&] { return AnonymousObject::copy(memory, *from, 0, from->pages(), nullptr); });
    from->release();
    return space.hold(*TRY(copied));
}

Status read_placement(const abi::MapArguments& arguments, FramePlacement& placement) {
    switch (arguments.policy) {
        case abi::MemoryPolicy::Local: return Status::Ok;
        case abi::MemoryPolicy::Bound: placement.policy = FramePlacement::Policy::Bound; break;
        case abi::MemoryPolicy::Interleaved:
            placement.policy = FramePlacement::Policy::Interleaved;
            break;
        default: return Status::InvalidArgument;
    }
    placement.nodes = arguments.nodes;
    const uint32_t present = (1U << kernel().frames.node_count()) - 1;
    return (placement.nodes & present) != 0 ? Status::Ok : Status::InvalidArgument;
}

// What a program may do with the pages of an object itself. Physical ones that it can hold are
// devices.
Status check_rights(const MemoryObject& object, uint32_t protection) {
    const bool writes = (protection & abi::ProtectionWrite) != 0;
    const bool executes = (protection & abi::ProtectionExecute) != 0;
    switch (object.kind()) {
        case MemoryObject::Kind::File: return writes ? Status::PermissionDenied : Status::Ok;
        case MemoryObject::Kind::Physical: return executes ? Status::PermissionDenied : Status::Ok;
        case MemoryObject::Kind::Anonymous: break;
    }
    return Status::Ok;
}

// The object to show: the one that is held, or a private copy of the part that is mapped.
Status choose_object(AddressSpace& space, const abi::MapArguments& arguments, MapRequest& request) {
    constexpr uint32_t known = abi::MapPopulate | abi::MapPrivate;
    if ((arguments.flags & ~known) != 0) return Status::InvalidArgument;
    if (arguments.offset % page != 0 || arguments.size % page != 0) return Status::InvalidArgument;
    MemoryObject* object = TRY(space.held(arguments.handle));
    const uint64_t first = arguments.offset / page;
    const uint64_t rest = first < object->pages() ? object->pages() - first : 0;
    const uint64_t pages = arguments.size == 0 ? rest : arguments.size / page;
    Status status = pages == 0 || pages > rest ? Status::InvalidArgument : Status::Ok;
    const bool is_private = (arguments.flags & abi::MapPrivate) != 0;
    if (status == Status::Ok && !is_private) status = check_rights(*object, arguments.protection);
    request.size = pages * page;
    request.object = object;
    request.offset = first;
    request.handle = arguments.handle;
    if (status == Status::Ok && is_private) {
        Memory& memory = space.memory();
        const Result<AnonymousObject*> copied = memory.insist(
            [&] { return AnonymousObject::copy(memory, *object, first, pages, space.account()); });
        object->release();
        request.object = TRY(copied);
        request.offset = 0;
        request.handle = Region::no_handle;
    } else if (status != Status::Ok) {
        object->release();
    }
    return status;
}

// A descendant of the caller's, which is not buried until it is unpinned.
Result<Task*> pin_descendant(const Call& call, uint32_t id) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    Task* task = k.tasks.find(id);
    if (task == nullptr || task->state != TaskState::Alive) return Status::NotFound;
    if (!k.tasks.descends_from(*task, call.task().id)) return Status::PermissionDenied;
    task->pins.fetch_add(1, std::memory_order_relaxed);
    return task;
}

// Shows an object that the caller holds, referenced by the request, in another task.
Result<uint64_t> map_into(const Call& call, uint32_t id, MapRequest& request) {
    Kernel& k = kernel();
    const Result<Task*> task = pin_descendant(call, id);
    if (!task.ok()) {
        request.object->release();
        return task.status();
    }
    AddressSpace& space = task.value()->space;
    request.handle = Region::no_handle;
    const Result<uint64_t> address = space.map(request);
    k.info.tasks[task.value()->slot].frames = space.frames_owned();
    task.value()->pins.fetch_sub(1, std::memory_order_release);
    return address;
}

Result<uint64_t> map_object(Call& call, uint64_t& size) {
    AddressSpace& space = call.task().space;
    abi::MapArguments arguments{};
    TRY_STATUS(space.read(&arguments, call.argument(0), sizeof arguments));
    MapRequest request{
        .protection = arguments.protection, .flags = arguments.flags, .address = arguments.address};
    TRY_STATUS(check_protection(arguments.protection));
    TRY_STATUS(read_placement(arguments, request.placement));
    const bool is_private = (arguments.flags & abi::MapPrivate) != 0;
    if (arguments.task != 0 && is_private) return Status::InvalidArgument;
    TRY_STATUS(choose_object(space, arguments, request));
    if (arguments.task != 0) return map_into(call, arguments.task, request);
    size = request.size;
    return space.map(request);
}

}  // namespace

void memory_object_create(Call& call) {
    call.finish(create(call));
}

void memory_object_copy(Call& call) {
    call.finish(copy(call.task().space, handle_argument(call.argument(0))));
}

void memory_object_close(Call& call) {
    call.finish(call.task().space.close(handle_argument(call.argument(0))));
}

void memory_map_object(Call& call) {
    uint64_t size = 0;
    const Result<uint64_t> address = map_object(call, size);
    if (address.ok() && size != 0) {
        note_memory_change(call, abi::TraceType::MemoryMap, address.value(), size);
    }
    call.finish(address);
}

}  // namespace kernel::calls
