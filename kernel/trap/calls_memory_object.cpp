// SPDX-License-Identifier: Apache-2.0
// System calls on memory objects.
#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"
#include "kernel/memory/objects/physical_object.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

constexpr uint64_t page = hal::page_size;
constexpr uint64_t longest_path = 128;

Result<MemoryObject*> create_anonymous(AddressSpace& space, uint64_t size) {
    if (size == 0 || size % page != 0 || size > abi::user_end) return Status::InvalidArgument;
    Memory& memory = kernel().memory;
    AnonymousObject* object = TRY(memory.insist(
        [&] { return AnonymousObject::create(memory, size / page, nullptr, space.domain()); }));
    return static_cast<MemoryObject*>(object);
}

Result<MemoryObject*> open_file(Task& task, uint64_t user_path, uint64_t length) {
    if (length == 0 || length > longest_path) return Status::InvalidArgument;
    TRY_STATUS(check_system(task, abi::RightArchive));
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
Result<MemoryObject*> create_physical(Task& task, uint64_t begin, uint64_t size) {
    TRY_STATUS(check_system(task, abi::RightPhysical));
    if (size == 0 || size % page != 0 || begin % page != 0) return Status::InvalidArgument;
    if (begin >= physical_end || size > physical_end - begin) return Status::InvalidArgument;
    Kernel& k = kernel();
    if (k.machine.has_memory_in({begin, begin + size})) return Status::InvalidArgument;
    PhysicalObject* object = TRY(k.memory.insist([&] {
        return PhysicalObject::create(k.memory, begin, size / page, true, MemoryType::Device);
    }));
    return static_cast<MemoryObject*>(object);
}

// What a right to an object allows that nobody else has had.
uint32_t full_mask(const MemoryObject& object) {
    switch (object.kind()) {
        case MemoryObject::Kind::File:
            return abi::right_common | abi::RightRead | abi::RightExecute;
        case MemoryObject::Kind::Physical:
            return abi::right_common | abi::RightRead | abi::RightWrite;
        case MemoryObject::Kind::Anonymous: break;
    }
    return abi::right_common | abi::RightRead | abi::RightWrite | abi::RightExecute;
}

Result<uint32_t> grant_memory(Task& task, MemoryObject& object) {
    return grant(task, ObjectType::Memory, &object, full_mask(object));
}

// Which object, and a right to it.
Result<uint32_t> create(Call& call) {
    MemoryObject* object = nullptr;
    switch (call.argument(0)) {
        case static_cast<uint64_t>(abi::ObjectKind::Anonymous):
            object = TRY(create_anonymous(call.task().space, call.argument(1)));
            break;
        case static_cast<uint64_t>(abi::ObjectKind::File):
            object = TRY(open_file(call.task(), call.argument(1), call.argument(2)));
            break;
        case static_cast<uint64_t>(abi::ObjectKind::Physical):
            object = TRY(create_physical(call.task(), call.argument(1), call.argument(2)));
            break;
        default: return Status::InvalidArgument;
    }
    return grant_memory(call.task(), *object);
}

Result<uint32_t> copy(Task& task, uint64_t name) {
    MemoryObject* from = TRY(find_memory(task, name, abi::RightRead)).object;
    const Result<AnonymousObject*> copied = task.space.copy_of(*from, 0, from->pages(), nullptr);
    from->release();
    return grant_memory(task, *TRY(copied));
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

// The protections that a right allows for the pages of the object itself.
uint32_t allowed_by(uint32_t mask) {
    uint32_t allowed = 0;
    if ((mask & abi::RightRead) != 0) allowed |= abi::ProtectionRead;
    if ((mask & abi::RightWrite) != 0) allowed |= abi::ProtectionWrite;
    if ((mask & abi::RightExecute) != 0) allowed |= abi::ProtectionExecute;
    return allowed;
}

// The object to show: the one that is held, or a private copy of the part that is mapped.
Status choose_object(Task& task, const abi::MapArguments& arguments, MapRequest& request) {
    AddressSpace& space = task.space;
    constexpr uint32_t known = abi::MapPopulate | abi::MapPrivate;
    if ((arguments.flags & ~known) != 0) return Status::InvalidArgument;
    if (arguments.offset % page != 0 || arguments.size % page != 0) return Status::InvalidArgument;
    const FoundMemory found = TRY(find_memory(task, arguments.handle, abi::RightRead));
    MemoryObject* object = found.object;
    const uint64_t first = arguments.offset / page;
    const uint64_t rest = first < object->pages() ? object->pages() - first : 0;
    const uint64_t pages = arguments.size == 0 ? rest : arguments.size / page;
    Status status = pages == 0 || pages > rest ? Status::InvalidArgument : Status::Ok;
    const bool is_private = (arguments.flags & abi::MapPrivate) != 0;
    if (!is_private) request.allowed = allowed_by(found.mask);
    if (status == Status::Ok && (arguments.protection & ~request.allowed) != 0) {
        status = Status::PermissionDenied;
    }
    request.size = pages * page;
    request.object = object;
    request.offset = first;
    request.handle = found.holding;
    if (status == Status::Ok && is_private) {
        const Result<AnonymousObject*> copied =
            space.copy_of(*object, first, pages, space.account());
        object->release();
        request.object = TRY(copied);
        request.offset = 0;
        request.handle = Region::no_handle;
    } else if (status != Status::Ok) {
        object->release();
    }
    return status;
}

// Another task than the caller's, which is not buried until it is unpinned.
Result<Task*> pin_task(const Call& call, uint32_t name) {
    const LockGuard guard(kernel().scheduler.lock());
    Task* task = TRY(find_live_task(call.task(), name, abi::RightControl));
    if (task == &call.task()) return Status::InvalidArgument;
    kernel().tasks.pin(*task);
    return task;
}

// Shows an object that the caller holds, referenced by the request, in another task.
Result<uint64_t> map_into(const Call& call, uint32_t name, MapRequest& request) {
    Kernel& k = kernel();
    const Result<Task*> task = pin_task(call, name);
    if (!task.ok()) {
        request.object->release();
        return task.status();
    }
    AddressSpace& space = task.value()->space;
    request.handle = Region::no_handle;
    const Result<uint64_t> address = space.map(request);
    k.info.tasks[task.value()->slot].frames = space.frames_owned();
    k.tasks.unpin(*task.value());
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
    TRY_STATUS(choose_object(call.task(), arguments, request));
    if (arguments.task != 0) return map_into(call, arguments.task, request);
    size = request.size;
    return space.map(request);
}

}  // namespace

void memory_object_create(Call& call) {
    call.finish(create(call));
}

void memory_object_copy(Call& call) {
    call.finish(copy(call.task(), call.argument(0)));
}

void memory_object_close(Call& call) {
    call.finish(close_right(call.task(), call.argument(0)));
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
