// SPDX-License-Identifier: Apache-2.0
// PackedPool.
#include "kernel/memory/pressure/packed_pool.hpp"

#include <string.h>

#include <new>

#include "hal/machine.hpp"
#include "kernel/base/panic.hpp"

namespace kernel {

using hal::Machine;

constexpr FrameUse swap_use{FrameOwner::Swap, 0};

// As many frames as waste least of each.
PackedPool::Shape PackedPool::shape_of(unsigned size_class) {
    const size_t size = (size_class + 1) * unit;
    Shape best{1, 0};
    for (unsigned frames = 1; frames <= most_frames; ++frames) {
        size_t capacity = (frames * hal::page_size - sizeof(Group)) / size;
        if (capacity > most_objects) capacity = most_objects;
        // capacity / frames > best.capacity / best.frames
        if (capacity * best.frames <= size_t{best.capacity} * frames) continue;
        best = {frames, static_cast<unsigned>(capacity)};
    }
    return best;
}

Result<PackedPool::Group*> PackedPool::new_group(unsigned size_class) {
    const Shape shape = shape_of(size_class);
    if (used_frames_ + shape.frames > limit_) return Status::LimitReached;
    PhysicalAddress frames[most_frames];
    for (unsigned i = 0; i < shape.frames; ++i) {
        const Result<PhysicalAddress> frame = frames_.allocate(0, swap_use);
        if (!frame.ok()) {
            while (i-- > 0) frames_.free(frames[i], swap_use);
            return frame.status();
        }
        frames[i] = frame.value();
    }
    auto* group = new (Machine::direct(frames[0])) Group;
    for (unsigned i = 1; i < shape.frames; ++i) group->more[i - 1] = frames[i];
    group->frames = static_cast<uint8_t>(shape.frames);
    group->capacity = static_cast<uint8_t>(shape.capacity);
    group->size_class = static_cast<uint8_t>(size_class);
    partial_[size_class].push_back(*group);
    used_frames_ += shape.frames;
    return group;
}

void PackedPool::free_group(Group& group) {
    partial_[group.size_class].remove(group);
    used_frames_ -= group.frames;
    for (unsigned i = 1; i < group.frames; ++i) frames_.free(group.more[i - 1], swap_use);
    frames_.free(Machine::physical(&group), swap_use);
}

Result<PackedPool::Handle> PackedPool::allocate(size_t size) {
    if (size == 0 || size > largest) return Status::InvalidArgument;
    const auto size_class = static_cast<unsigned>((size - 1) / unit);
    Group* group = partial_[size_class].front();
    if (group == nullptr) group = TRY(new_group(size_class));
    const auto index = static_cast<unsigned>(__builtin_ctzll(~group->used));
    group->used |= uint64_t{1} << index;
    if (__builtin_popcountll(group->used) == group->capacity) partial_[size_class].remove(*group);
    ++objects_;
    return Machine::physical(group) / hal::page_size << index_bits | index;
}

void PackedPool::free(Handle handle) {
    Group& group = group_of(handle);
    if (__builtin_popcountll(group.used) == group.capacity) {
        partial_[group.size_class].push_back(group);
    }
    group.used &= ~(uint64_t{1} << handle % most_objects);
    --objects_;
    if (group.used == 0) free_group(group);
}

PackedPool::Group& PackedPool::group_of(Handle handle) {
    auto& group = *static_cast<Group*>(Machine::direct((handle >> index_bits) * hal::page_size));
    KERNEL_ASSERT((group.used >> handle % most_objects & 1) != 0);
    return group;
}

template <class Copy>
void PackedPool::for_each_piece(Handle handle, size_t offset, size_t size, Copy copy) {
    const Group& group = group_of(handle);
    const size_t object_size = (group.size_class + size_t{1}) * unit;
    KERNEL_ASSERT(offset + size <= object_size);
    size_t at = sizeof(Group) + handle % most_objects * object_size + offset;
    for (size_t done = 0; done < size;) {
        const size_t frame = at / hal::page_size;
        const size_t in_frame = at % hal::page_size;
        size_t length = hal::page_size - in_frame;
        if (length > size - done) length = size - done;
        const PhysicalAddress base = frame == 0 ? Machine::physical(&group) : group.more[frame - 1];
        copy(static_cast<char*>(Machine::direct(base)) + in_frame, done, length);
        done += length;
        at += length;
    }
}

void PackedPool::write(Handle handle, size_t offset, const void* from, size_t size) {
    for_each_piece(handle, offset, size, [from](char* bytes, size_t done, size_t length) {
        memcpy(bytes, static_cast<const char*>(from) + done, length);
    });
}

void PackedPool::read(Handle handle, size_t offset, void* to, size_t size) const {
    for_each_piece(handle, offset, size, [to](const char* bytes, size_t done, size_t length) {
        memcpy(static_cast<char*>(to) + done, bytes, length);
    });
}

}  // namespace kernel
