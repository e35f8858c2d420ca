// SPDX-License-Identifier: Apache-2.0
// Containers: the tree of all containers: who may name which, states, limits, accounts.
//
// The root is there from the begin and has no limits. It has init; a task is in the container of
// its parent, or in one that its parent has named. Tasks name containers by rights, which hold slot
// and number (capability/named_objects.hpp).
//
// Where an operation is refused, nothing has changed. What needs tasks or the scheduler is in
// container_control.hpp.
//
// Precondition of all: the Objects lock is held, but for set_up().
#pragma once

#include <string_view>

#include "kernel/container/container.hpp"
#include "kernel/trace/trace.hpp"

namespace kernel {

class Containers final {
  public:
    // `shown`: rows for those who look from outside.
    Containers(abi::ContainerInfo* shown, Trace& trace) : shown_(shown), trace_(trace) {}

    // The root. Precondition: called once, before all others.
    void set_up(KernelHeap& heap);
    [[nodiscard]] Container& root() { return table_[0]; }
    [[nodiscard]] uint32_t count() const { return count_; }
    [[nodiscard]] Container& at_slot(unsigned slot) { return table_[slot]; }

    // By number, wherever it is; null if there is none.
    [[nodiscard]] Container* find(uint64_t id);
    // The child with the smallest number above `after`; null if there is none.
    [[nodiscard]] Container* next_child(const Container& of, uint64_t after);

    // A container in state Creating, which counts as alive until created() or remove().
    // InvalidArgument: name or limits; Busy: the name is taken, or the parent ends; LimitReached,
    // NoMemory.
    [[nodiscard]] Result<Container*> create(Container& parent, std::string_view name,
                                            const abi::ContainerArguments& arguments);
    void created(Container& container);
    void started(Container& container, uint32_t process);
    // Precondition: nothing is in it, nor below.
    void remove(Container& container);

    [[nodiscard]] static Status check_limit(abi::ContainerLimit limit, uint64_t value);
    // Precondition: the value was checked.
    void set_limit(Container& container, abi::ContainerLimit limit, uint64_t value);
    void read(Container& container, abi::ContainerStatistics& statistics);

    // LimitReached.
    [[nodiscard]] Status charge_pid(Container& container);
    void discharge_pid(Container& container);
    // A task begins or has ended.
    void add_live(Container& container);
    void remove_live(Container& container);
    // Nothing more begins in it and below; what is empty is Stopped at once.
    void begin_end(Container& container);
    // It and all below.
    void pause(Container& container);
    void resume(Container& container);

    // What a thread does, for pressure and weights. Precondition: not of the root.
    void set_activity(Thread& thread, Container& container, ThreadActivity activity, uint64_t now);
    // CPU time that a thread has had. Precondition: not of the root.
    void charge_time(Container& container, uint64_t taken, uint64_t used);
    // A slice of CPU time of at most `wanted`; 0 when a container has none: then `until` says when.
    [[nodiscard]] uint64_t take_time(Container& container, uint64_t wanted, uint64_t now,
                                     uint64_t& until);

    void post(Container& container, abi::ContainerEventKind kind, uint64_t value = 0);
    void show(Container& container);

  private:
    void enter(Container& container, abi::ContainerState state);
    void settle(Container& container);
    void change_paused(Container& container, bool pauses);
    [[nodiscard]] bool is_name_taken(const Container& parent, std::string_view name) const;
    void set_bandwidth(Container& container);

    Container table_[abi::max_containers];
    abi::ContainerInfo* shown_;
    Trace& trace_;
    KernelHeap* heap_ = nullptr;
    uint64_t boot_ = 0;  // ticks
    uint32_t next_id_ = 1;
    uint32_t count_ = 0;
};

}  // namespace kernel
