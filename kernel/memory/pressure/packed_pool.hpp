// SPDX-License-Identifier: Apache-2.0
// PackedPool: objects of any size up to four fifths of a page, packed tightly into page frames.
//
// The idea is that of zsmalloc (Linux, mm/zsmalloc.c): objects of a size class lie one after the
// other in a group of one to four frames that need not be adjacent, so that an object may begin in
// one frame and end in the next. Classes are 64 bytes apart; each has as many frames in a group as
// waste least. A group's header is the first unit of its first frame. A group that becomes empty
// gives its frames back at once. Unlike zsmalloc, objects are never moved from group to group.
// Bound: constant time, but for the frame allocator's own.
#pragma once

#include "kernel/base/list.hpp"
#include "kernel/memory/frame_allocator.hpp"

namespace kernel {

class PackedPool final {
  public:
    static constexpr size_t unit = 64;
    static constexpr size_t largest = 51 * unit;  // five objects in four frames

    // An object; 0 is none. At most 58 bits.
    using Handle = uint64_t;

    explicit PackedPool(Frames& frames) : frames_(frames) {}

    // How many frames it may take at most. Those that it has beyond stay.
    void set_frame_limit(uint64_t limit) { limit_ = limit; }

    // Room for `size` bytes, from 1 to `largest`. InvalidArgument, LimitReached, NoMemory.
    [[nodiscard]] Result<Handle> allocate(size_t size);
    // Precondition of all below: `handle` came from allocate() and was not freed since; the bytes
    // lie within the object.
    void free(Handle handle);
    void write(Handle handle, size_t offset, const void* from, size_t size);
    void read(Handle handle, size_t offset, void* to, size_t size) const;

    // It may be unable to make another group.
    [[nodiscard]] bool is_full() const { return used_frames_ + most_frames > limit_; }
    [[nodiscard]] uint64_t frames_used() const { return used_frames_; }
    [[nodiscard]] uint64_t objects() const { return objects_; }

  private:
    static constexpr unsigned class_count = largest / unit;
    static constexpr unsigned most_frames = 4;
    static constexpr unsigned most_objects = 64;
    static constexpr unsigned index_bits = 6;

    struct alignas(unit) Group {
        ListNode node;  // on partial_ of its class while it has room
        PhysicalAddress more[most_frames - 1] = {};
        uint64_t used = 0;  // bit by object
        uint8_t frames = 0;
        uint8_t capacity = 0;
        uint8_t size_class = 0;
    };
    static_assert(sizeof(Group) == unit);

    struct Shape {
        unsigned frames;
        unsigned capacity;
    };

    [[nodiscard]] static Shape shape_of(unsigned size_class);
    [[nodiscard]] Result<Group*> new_group(unsigned size_class);
    void free_group(Group& group);
    [[nodiscard]] static Group& group_of(Handle handle);
    // Calls copy(bytes in a frame, bytes done before, length) for each piece of an object.
    template <class Copy>
    static void for_each_piece(Handle handle, size_t offset, size_t size, Copy copy);

    Frames& frames_;
    List<Group, &Group::node> partial_[class_count];
    uint64_t limit_ = 0;
    uint64_t used_frames_ = 0;
    uint64_t objects_ = 0;
};

}  // namespace kernel
