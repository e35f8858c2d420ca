// SPDX-License-Identifier: Apache-2.0
// Rights of tasks to the kernel's objects.
#include "kernel/capability/capabilities.hpp"

#include "kernel/capability/named_objects.hpp"
#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"
#include "kernel/memory/objects/memory_object.hpp"

namespace kernel {
namespace {

using hal::Machine;

// The counter, if it is looked at.
struct Now {
    operator uint64_t() const { return Machine::counter(); }  // NOLINT: it is the time
};

// Whether a right of that mask is one to send, and not the one to receive.
bool sends(uint32_t mask) {
    constexpr uint32_t any = abi::RightSend | abi::RightSendOnce;
    return (mask & abi::RightReceive) == 0 && (mask & any) != 0;
}

uint64_t number_of(const void* object) {
    return reinterpret_cast<uint64_t>(object);
}

// A node that is not needed after all goes back.
class SpareRight final {
  public:
    SpareRight() = default;
    SpareRight(const SpareRight&) = delete;
    SpareRight& operator=(const SpareRight&) = delete;
    ~SpareRight() {
        if (right_ != nullptr) kernel().heap.destroy(right_);
    }
    [[nodiscard]] Status make() {
        Kernel& k = kernel();
        right_ = TRY(k.memory.insist([&] { return k.heap.create<Right>(); }));
        return Status::Ok;
    }
    [[nodiscard]] Right& operator*() const { return *right_; }
    void used() { right_ = nullptr; }

  private:
    Right* right_ = nullptr;
};

Status add_names(Task& task) {
    Kernel& k = kernel();
    static_assert(RightTable::chunk_size == hal::page_size);
    TRY_STATUS(task.space.charge(RightTable::chunk_charge));
    const Result<hal::PhysicalAddress> frame = k.memory.insist([&] {
        return k.frames.allocate(0, {FrameOwner::Kernel, 0});
    });
    if (frame.ok()) {
        const LockGuard guard(k.scheduler.lock());
        if (task.rights.can_grow()) {
            task.rights.add_chunk(Machine::direct(frame.value()));
            return Status::Ok;
        }
    }
    task.space.discharge(RightTable::chunk_charge);
    if (!frame.ok()) return frame.status();
    k.frames.free(frame.value(), {FrameOwner::Kernel, 0});
    return Status::LimitReached;
}

// Checks what only a port's rights have to keep to: one right receives, badges are given once.
Status check_port_derivation(const Right& parent, const Derivation& what, uint32_t& mask) {
    if (parent.type != ObjectType::Port) {
        return what.badge == 0 ? Status::Ok : Status::InvalidArgument;
    }
    mask &= ~uint32_t{abi::RightReceive};
    return what.badge != 0 && parent.badge != 0 ? Status::PermissionDenied : Status::Ok;
}

// Locked.
Result<uint32_t> derive_now(Task& from, uint64_t name, const Derivation& what, Task& to,
                            Right& child) {
    Right* parent = TRY(find_right(from, name));
    TRY_STATUS(RightTree::check_derivation(*parent));
    uint32_t mask = what.mask;
    TRY_STATUS(check_port_derivation(*parent, what, mask));
    // The reference first: without it nothing may refer to the object.
    child.object = parent->object;
    child.type = parent->type;
    if (what.part != ObjectType::None) {
        child.object = TRY(find_part(*what.caller, *parent, what.part, what.number));
        child.type = what.part;
        if (what.part != ObjectType::Container) mask &= abi::right_all_task;
    }
    const uint32_t granted = TRY(name_right(to, child));
    RightTree::derive(*parent, child, mask, what.expires_at);
    if (what.badge != 0) child.badge = what.badge;
    reference_object(child.type, child.object);
    count_right(child.type, child.object, child.mask);
    return granted;
}

}  // namespace

void count_right(ObjectType type, void* object, uint32_t mask) {
    if (type == ObjectType::Port && sends(mask)) ++static_cast<Port*>(object)->senders;
}

void discount_right(const DroppedRight& dropped) {
    switch (dropped.type) {
        case ObjectType::Port: {
            auto& port = *static_cast<Port*>(dropped.object);
            if (dropped.watch != nullptr) forget_watch(*dropped.watch, port);
            if ((dropped.mask & abi::RightReceive) != 0) kill_port(port);
            if (sends(dropped.mask)) lose_sender(port);
            break;
        }
        case ObjectType::PortSet:
            // There is one right to each set.
            wake_all(static_cast<PortSet*>(dropped.object)->receivers, Status::PortDead);
            break;
        case ObjectType::Memory:
            if (dropped.table != nullptr) {
                (void)dropped.table->owner()->space.close(dropped.holding);
            }
            break;
        case ObjectType::Reply:
            if (Thread* caller = awaiting_reply(number_of(dropped.object), dropped.badge)) {
                end_wait(*caller, Status::Interrupted);
            }
            break;
        default: break;
    }
}

void reference_object(ObjectType type, void* object) {
    switch (type) {
        case ObjectType::Port: ++static_cast<Port*>(object)->references; break;
        case ObjectType::PortSet: ++static_cast<PortSet*>(object)->references; break;
        case ObjectType::Interrupt: ++static_cast<Interrupt*>(object)->references; break;
        case ObjectType::Memory: static_cast<MemoryObject*>(object)->reference(); break;
        default: break;
    }
}

void release_object(ObjectType type, void* object) {
    switch (type) {
        case ObjectType::Port: {
            const LockGuard guard(kernel().scheduler.lock());
            return release_port(*static_cast<Port*>(object));
        }
        case ObjectType::PortSet: return release_set(*static_cast<PortSet*>(object));
        case ObjectType::Interrupt: return release_interrupt(*static_cast<Interrupt*>(object));
        case ObjectType::Memory: return static_cast<MemoryObject*>(object)->release();
        default: return;
    }
}

void DroppedRights::add(const DroppedRight& dropped) {
    KERNEL_ASSERT(!is_full());
    if (dropped.object != nullptr) discount_right(dropped);
    for (Right* node : dropped.removed.nodes) {
        if (node != nullptr) kernel().heap.destroy(node);
    }
    if (dropped.object == nullptr) return;
    references_[count_++] = {dropped.object, dropped.type};
}

void DroppedRights::settle() {
    while (count_ != 0) {
        const Reference& reference = references_[--count_];
        release_object(reference.type, reference.object);
    }
    if (burial_ == Burial::Now) bury_ports();
}

Status make_names(Task& task, uint32_t count) {
    Kernel& k = kernel();
    for (;;) {
        {
            const LockGuard guard(k.scheduler.lock());
            if (task.rights.free_names() >= count) return Status::Ok;
            if (!task.rights.can_grow()) return Status::LimitReached;
        }
        TRY_STATUS(add_names(task));
    }
}

Result<uint32_t> name_right(Task& task, Right& right) {
    if (task.rights.is_full()) return Status::LimitReached;
    if (right.type == ObjectType::Memory) {
        // The task holds the object, which counts for its limit.
        auto& object = *static_cast<MemoryObject*>(right.object);
        object.reference();
        right.holding = TRY(task.space.hold(object));
    }
    if (right.place == RightPlace::Message) return move_to_table(*right.slot, task.rights);
    return task.rights.add(right);
}

void take_out(Right& right) {
    if (right.type == ObjectType::Memory) (void)right.table->owner()->space.close(right.holding);
}

Status check_system(Task& task, uint32_t mask) {
    const LockGuard guard(kernel().scheduler.lock());
    const bool may = find_right(task, abi::system_name, ObjectType::System, mask).ok();
    return may ? Status::Ok : Status::PermissionDenied;
}

Result<FoundMemory> find_memory(Task& task, uint64_t name, uint32_t mask) {
    const LockGuard guard(kernel().scheduler.lock());
    const Right* right = TRY(find_right(task, name, ObjectType::Memory, mask));
    auto* object = static_cast<MemoryObject*>(right->object);
    object->reference();
    return FoundMemory{object, right->holding, right->mask};
}

Result<uint32_t> grant(Task& task, ObjectType type, void* object, uint32_t mask, uint64_t badge) {
    Kernel& k = kernel();
    SpareRight spare;
    Status status = spare.make();
    while (status == Status::Ok) {
        status = make_names(task, 1);
        if (status != Status::Ok) break;
        const LockGuard guard(k.scheduler.lock());
        Right& right = *spare;
        right.type = type;
        right.object = object;
        right.mask = mask;
        right.badge = badge;
        if (task.rights.is_full()) continue;  // somebody else has taken it
        const Result<uint32_t> name = name_right(task, right);
        status = name.status();
        if (!name.ok()) break;
        count_right(type, object, mask);
        spare.used();
        return name;
    }
    release_object(type, object);
    return status;
}

Result<uint32_t> derive(Task& from, uint64_t name, const Derivation& what, Task& to) {
    Kernel& k = kernel();
    SpareRight spare;
    TRY_STATUS(spare.make());
    for (;;) {
        TRY_STATUS(make_names(to, 1));
        const LockGuard guard(k.scheduler.lock());
        if (to.rights.is_full()) continue;
        const Result<uint32_t> granted = derive_now(from, name, what, to, *spare);
        if (granted.ok()) spare.used();
        return granted;
    }
}

Status close_right(Task& task, uint64_t name) {
    Kernel& k = kernel();
    DroppedRights dropped;
    const LockGuard guard(k.scheduler.lock());
    Right* right = task.rights.find(name);
    if (right == nullptr) return Status::NotFound;
    if (right->revoking) return Status::Busy;
    dropped.drop(*right);
    return Status::Ok;
}

void use_up(Task& task, uint64_t name) {
    Right* right = task.rights.find(name);
    if (right == nullptr || right->revoking) return;
    // Without the lock there is nothing left to do for rights that hold numbers.
    DroppedRights dropped(DroppedRights::Burial::Later);
    dropped.drop(*right);
}

Result<uint64_t> revoke(Task& task, uint64_t name) {
    Kernel& k = kernel();
    uint64_t count = 0;
    {
        const LockGuard guard(k.scheduler.lock());
        Right* right = TRY(find_right(task, name));
        TRY_STATUS(begin_revocation(*right));
    }
    for (;;) {
        {
            DroppedRights gone;
            const LockGuard guard(k.scheduler.lock());
            Right* right = task.rights.find(name);
            if (right == nullptr) return count;  // taken back itself meanwhile
            DroppedRight dropped;
            if (!revoke_step(*right, dropped)) {
                end_revocation(*right);
                return count;
            }
            gone.add(dropped);
            ++count;
        }
        preemption_point();
    }
}

void drop_all_rights(Task& task) {
    Kernel& k = kernel();
    constexpr uint32_t entries_in_a_step = 64;
    uint32_t position = 0;
    for (bool more = true; more;) {
        {
            DroppedRights gone;
            const LockGuard guard(k.scheduler.lock());
            const uint32_t begin = position;
            while (!gone.is_full() && position - begin < entries_in_a_step) {
                Right* right = task.rights.next(position, entries_in_a_step);
                if (right == nullptr) break;
                right->revoking = false;
                gone.drop(*right);
            }
            more = task.rights.size() != 0;
        }
        preemption_point();
    }
    while (void* chunk = task.rights.take_chunk()) {
        k.frames.free(Machine::physical(chunk), {FrameOwner::Kernel, 0});
        task.space.discharge(RightTable::chunk_charge);
    }
}

Result<Right*> find_right(Task& task, uint64_t name, ObjectType type, uint32_t mask) {
    return find_right(task.rights, name, type, mask, Now());
}

Result<Right*> find_right(Task& task, uint64_t name) {
    return find_right(task.rights, name, Now());
}

}  // namespace kernel
