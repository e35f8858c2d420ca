// SPDX-License-Identifier: Apache-2.0
// Pages of files.
#include "kernel/memory/objects/file_object.hpp"

#include <string.h>

namespace kernel {

void FileObject::read_page(uint64_t index, PhysicalAddress frame) const {
    auto* to = static_cast<uint8_t*>(hal::Machine::direct(frame));
    const uint64_t begin = index * hal::page_size;
    const uint64_t before = index == 0 ? bytes_.lead : 0;
    const uint64_t from = begin + before - bytes_.lead;
    const uint64_t room = hal::page_size - before;
    const uint64_t rest = bytes_.size - from;
    const uint64_t length = rest < room ? rest : room;
    memset(to, 0, before);
    memcpy(to + before, bytes_.data + from, length);
    memset(to + before + length, 0, room - length);
}

Result<ObjectPage> FileObject::page(uint64_t index, bool write, const FramePlacement& placement) {
    if (write) return Status::PermissionDenied;
    Slot& slot = *TRY(slots_.make(index));
    if (slot.is_present()) {
        const PhysicalAddress frame = slot.frame();
        if (memory_.shares_of(frame) == 1) memory_.take_over(frame, owner_of(index));
        return ObjectPage{frame, false, PageOrigin::Present};
    }
    const PhysicalAddress frame = TRY(memory_.allocate_page(owner_of(index), placement));
    read_page(index, frame);
    slot = Slot::present(frame);
    return ObjectPage{frame, false, PageOrigin::File};
}

uint64_t FileObject::next_present(uint64_t index, uint64_t end) {
    (void)slots_.next(index, end);
    return index;
}

void FileObject::drop(uint64_t index) {
    const Slot slot = slots_.get(index);
    if (slot.is_empty()) return;
    slots_.clear(index);
    memory_.release_page(slot.frame());
}

Status FileObject::evict(uint64_t index) {
    drop(index);
    return Status::Ok;
}

void FileObject::move(uint64_t index, PhysicalAddress to) {
    Slot& slot = *slots_.find(index);
    memcpy(hal::Machine::direct(to), hal::Machine::direct(slot.frame()), hal::page_size);
    memory_.release_page(slot.frame());
    slot = Slot::present(to);
}

bool FileObject::take_last_reference() {
    return table_.close(*this);
}

void FileObject::destroy() {
    drop_all();
    memory_.reclaim().wait_for_look();
    memory_.heap().destroy(this);
}

Result<FileObject*> FileObjects::open(const FileBytes& bytes) {
    const LockGuard guard(lock_);
    for (FileObject* object = objects_.front(); object != nullptr;
         object = objects_.next(*object)) {
        if (object->bytes() != bytes) continue;
        object->reference();
        return object;
    }
    FileObject* object = TRY(memory_.heap().create<FileObject>(memory_, *this, bytes));
    objects_.push_back(*object);
    return object;
}

// Gives up a reference; true when it was the last, and nobody can find the object any more.
bool FileObjects::close(FileObject& object) {
    const LockGuard guard(lock_);
    if (object.references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return false;
    objects_.remove(object);
    return true;
}

}  // namespace kernel
