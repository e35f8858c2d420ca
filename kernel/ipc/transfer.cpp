// SPDX-License-Identifier: Apache-2.0
// Bytes and rights of messages.
#include "kernel/ipc/transfer.hpp"

#include "kernel/capability/capabilities.hpp"
#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"
#include "kernel/memory/objects/anonymous_object.hpp"

namespace kernel {
namespace {

using abi::RightDisposal;

Result<LongMessage*> allocate(uint32_t size) {
    Kernel& k = kernel();
    void* memory =
        TRY(k.memory.insist([&] { return k.heap->allocate(sizeof(LongMessage) + size); }));
    auto* part = new (memory) LongMessage;
    part->size = size;
    return part;
}

// Whether the right to receive from `moved` can go into the queue of `to` without being lost in a
// circle.
Status check_circle(const Port& moved, const Port* to) {
    unsigned length = 0;
    for (const Port* at = to; at != nullptr; at = at->in_transit) {
        if (at == &moved) return Status::InvalidArgument;
        if (++length > Port::longest_transit) return Status::LimitReached;
    }
    return Status::Ok;
}

bool receives(const Right& right) {
    return right.type == ObjectType::Port && (right.mask & abi::RightReceive) != 0;
}

// A right leaves the task that has it: who waited there by it does so no more.
void leave_holder(Right& right, Port* to) {
    if (right.watch != nullptr) {
        forget_watch(*right.watch, *static_cast<Port*>(right.object));
        right.watch = nullptr;
    }
    if (!receives(right)) return;
    auto& port = *static_cast<Port*>(right.object);
    leave_set(port);
    wake_all(port.receivers, Status::Interrupted);
    port.in_transit = to;
}

}  // namespace

Outgoing::~Outgoing() {
    for (Right* right : fresh_) {
        if (right == nullptr) continue;
        if (right->object != nullptr) release_object(right->type, right->object);
        kernel().heap.destroy(right);
    }
    if (part_ != nullptr) drop_long(part_);
}

Status Outgoing::read(Task& task, uint64_t transfer) {
    TRY_STATUS(task.space.read(&transfer_, transfer, sizeof transfer_));
    if (transfer_.size > abi::message_bytes || transfer_.right_count > abi::message_rights) {
        return Status::InvalidArgument;
    }
    if (transfer_.size == 0 && transfer_.right_count == 0) return Status::Ok;
    part_ = TRY(allocate(transfer_.size));
    if (transfer_.size != 0) {
        TRY_STATUS(task.space.read(part_->data(), transfer_.data, transfer_.size));
    }
    Kernel& k = kernel();
    for (unsigned i = 0; i < transfer_.right_count; ++i) {
        if (transfer_.disposals[i] > RightDisposal::CopyOnWrite) return Status::InvalidArgument;
        if (transfer_.disposals[i] == RightDisposal::Move) continue;
        fresh_[i] = TRY(k.memory.insist([&] { return k.heap.create<Right>(); }));
    }
    return copy_objects(task);
}

// Copies on write are made beforehand: they take long.
Status Outgoing::copy_objects(Task& task) {
    Kernel& k = kernel();
    for (unsigned i = 0; i < transfer_.right_count; ++i) {
        if (transfer_.disposals[i] != RightDisposal::CopyOnWrite) continue;
        MemoryObject* from = nullptr;
        {
            const LockGuard guard(k.scheduler.lock());
            const Right* right =
                TRY(find_right(task, transfer_.rights[i], ObjectType::Memory, abi::RightRead));
            from = static_cast<MemoryObject*>(right->object);
            from->reference();
        }
        const Result<AnonymousObject*> copied =
            task.space.copy_of(*from, 0, from->pages(), nullptr);
        from->release();
        MemoryObject* object = TRY(copied);
        fresh_[i]->object = object;
        fresh_[i]->type = ObjectType::Memory;
        fresh_[i]->mask = ~0U;
    }
    return Status::Ok;
}

Status Outgoing::check(Task& task, unsigned index, Port* to, Right*& right) const {
    const RightDisposal disposal = transfer_.disposals[index];
    if (disposal == RightDisposal::CopyOnWrite) return Status::Ok;
    right = TRY(find_right(task, transfer_.rights[index]));
    if ((right->mask & abi::RightTransfer) == 0) return Status::PermissionDenied;
    if (disposal == RightDisposal::Copy) return RightTree::check_derivation(*right);
    if (right->revoking) return Status::Busy;
    for (unsigned i = 0; i < index; ++i) {
        const bool same = transfer_.rights[i] == transfer_.rights[index];
        if (same && transfer_.disposals[i] != RightDisposal::CopyOnWrite) {
            return Status::InvalidArgument;
        }
    }
    return receives(*right) ? check_circle(*static_cast<Port*>(right->object), to) : Status::Ok;
}

Status Outgoing::take_rights(Task& task, Port* to) {
    Right* rights[abi::message_rights] = {};
    for (unsigned i = 0; i < transfer_.right_count; ++i) {
        TRY_STATUS(check(task, i, to, rights[i]));
    }
    for (unsigned i = 0; i < transfer_.right_count; ++i) {
        Right*& slot = part_->rights[i];
        if (transfer_.disposals[i] == RightDisposal::Move) {
            leave_holder(*rights[i], to);
            take_out(*rights[i]);
            move_to_message(*rights[i], slot);
            continue;
        }
        Right& fresh = *fresh_[i];
        fresh_[i] = nullptr;
        if (transfer_.disposals[i] == RightDisposal::Copy) {
            const bool is_port = rights[i]->type == ObjectType::Port;
            RightTree::derive(*rights[i], fresh, is_port ? ~uint32_t{abi::RightReceive} : ~0U,
                              Right::never);
            reference_object(fresh.type, fresh.object);
            count_right(fresh.type, fresh.object, fresh.mask);
        }
        put_in_message(fresh, slot);
    }
    if (part_ != nullptr) part_->right_count = transfer_.right_count;
    return Status::Ok;
}

LongMessage* Outgoing::release() {
    LongMessage* part = part_;
    part_ = nullptr;
    return part;
}

void drop_rights(LongMessage& part, DroppedRights& dropped) {
    for (Right* right : part.rights) {
        if (right != nullptr) dropped.drop(*right);
    }
}

void drop_long(LongMessage* part) {
    Kernel& k = kernel();
    {
        DroppedRights dropped;
        const LockGuard guard(k.scheduler.lock());
        drop_rights(*part, dropped);
    }
    k.heap->free(part);
}

Status read_room(Task& task, uint64_t transfer, MessageRoom& room) {
    room = {};
    if (transfer == 0) return Status::Ok;
    abi::MessageTransfer wanted;
    TRY_STATUS(task.space.read(&wanted, transfer, sizeof wanted));
    room.size = wanted.size;
    room.rights = wanted.right_count;
    if (room.rights > abi::message_rights) return Status::InvalidArgument;
    return make_names(task, room.rights);
}

Status deliver_long(Task& task, uint64_t transfer, LongMessage* part) {
    Kernel& k = kernel();
    abi::MessageTransfer result{};
    Status status = task.space.read(&result, transfer, sizeof result);
    if (status == Status::Ok && part->size != 0) {
        status = part->size <= result.size ? task.space.write(result.data, part->data(), part->size)
                                           : Status::LimitReached;
    }
    if (status == Status::Ok) status = make_names(task, part->right_count);
    if (status == Status::Ok) {
        const LockGuard guard(k.scheduler.lock());
        for (unsigned i = 0; i < abi::message_rights; ++i) {
            result.rights[i] = abi::null_name;
            Right* right = part->rights[i];
            if (right == nullptr || right->has_expired(hal::Machine::counter())) continue;
            if (receives(*right)) static_cast<Port*>(right->object)->in_transit = nullptr;
            const Result<uint32_t> name = name_right(task, *right);
            if (name.ok()) result.rights[i] = name.value();
        }
        result.size = part->size;
        result.right_count = part->right_count;
    }
    drop_long(part);
    if (status == Status::Ok) status = task.space.write(transfer, &result, sizeof result);
    return status;
}

}  // namespace kernel
