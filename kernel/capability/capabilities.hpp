// SPDX-License-Identifier: Apache-2.0
// Rights of tasks to the kernel's objects: references, room in tables, what happens to an object
// when a right to it goes.
//
// Rights to tasks, threads and containers hold the number of what they name (named_objects.hpp);
// those to ports, port sets, interrupts and memory hold a reference. What takes long, such as
// freeing an object, is done after the Objects lock has been given up: a DroppedRight carries it
// there.
#pragma once

#include "kernel/capability/rights.hpp"

namespace kernel {

class MemoryObject;
struct Task;
struct Thread;

// Locked. Another right to the object, or one less: what depends on their number happens, such as
// the death of a port. The reference stays, for release_object().
void count_right(ObjectType type, void* object, uint32_t mask);
void discount_right(const DroppedRight& dropped);
// Locked. One more reference to an object.
void reference_object(ObjectType type, void* object);
// One reference less. Precondition: no lock is held.
void release_object(ObjectType type, void* object);

// Rights that were dropped with the lock held and are settled without it.
class DroppedRights final {
  public:
    static constexpr unsigned capacity = 16;
    // Whether settle() also empties the ports that died: not where that is being done already.
    enum class Burial : uint32_t { Now, Later };

    explicit DroppedRights(Burial burial = Burial::Now) : burial_(burial) {}
    DroppedRights(const DroppedRights&) = delete;
    DroppedRights& operator=(const DroppedRights&) = delete;
    ~DroppedRights() { settle(); }

    [[nodiscard]] bool is_full() const { return count_ == capacity; }
    [[nodiscard]] unsigned room() const { return capacity - count_; }
    // Locked. Precondition: not is_full().
    void drop(Right& right) { add(drop_right(right)); }
    void add(const DroppedRight& dropped);
    // Precondition: no lock is held.
    void settle();

  private:
    struct Reference {
        void* object;
        ObjectType type;
    };

    Reference references_[capacity];  // only the first count_ mean anything
    unsigned count_ = 0;
    Burial burial_;
};

// Makes sure that a table has `count` free names, as long as nobody takes them. LimitReached,
// NoMemory. Precondition: no lock is held.
[[nodiscard]] Status make_names(Task& task, uint32_t count);
// Locked. Puts a right into a task's table: its new name. LimitReached when no name is free, or for
// memory that the task's limit has no room for; the right is where it was then.
[[nodiscard]] Result<uint32_t> name_right(Task& task, Right& right);
// Locked. A right is about to leave a task's table for a message.
void take_out(Right& right);

// A right that comes from no other, to a new object. A reference to the object is taken over,
// whatever the result. Precondition: no lock is held.
[[nodiscard]] Result<uint32_t> grant(Task& task, ObjectType type, void* object, uint32_t mask,
                                     uint64_t badge = 0);
// A right derived from one that a task has, in the same or another task's table. The other task
// must not run yet. Precondition: no lock is held.
struct Derivation {
    uint32_t mask = ~0U;
    uint64_t expires_at = Right::never;
    uint64_t badge = 0;  // 0: the parent's
    // A part of the parent's object, which the caller opens (named_objects.hpp); None: all of it.
    ObjectType part = ObjectType::None;
    uint64_t number = 0;
    const Thread* caller = nullptr;
};
[[nodiscard]] Result<uint32_t> derive(Task& from, uint64_t name, const Derivation& what, Task& to);
[[nodiscard]] Status close_right(Task& task, uint64_t name);
// Locked. What a name was for has come to its end with that: a task or thread that was waited for.
// The name is given up, unless what was derived from the right is being taken back.
void use_up(Task& task, uint64_t name);
// All that was derived from a right; how many there were. Has preemption points.
[[nodiscard]] Result<uint64_t> revoke(Task& task, uint64_t name);
// A task ends. Has preemption points. Precondition: no thread of it runs any more.
void drop_all_rights(Task& task);

// Whether a task may use that of the machine: PermissionDenied. Precondition: no lock is held.
[[nodiscard]] Status check_system(Task& task, uint32_t mask);
// The right of that type under that name to memory, with a reference to the object. Precondition:
// no lock is held.
struct FoundMemory {
    MemoryObject* object;
    uint32_t holding;  // the address space's number for it
    uint32_t mask;
};
[[nodiscard]] Result<FoundMemory> find_memory(Task& task, uint64_t name, uint32_t mask);

// Locked. A task's right by that name, now; as those of rights.hpp.
[[nodiscard]] Result<Right*> find_right(Task& task, uint64_t name);
[[nodiscard]] Result<Right*> find_right(Task& task, uint64_t name, ObjectType type, uint32_t mask);

}  // namespace kernel
