// SPDX-License-Identifier: Apache-2.0
// Containers: events, and who waits for one.
#include "kernel/kernel.hpp"

namespace kernel {

void Containers::post(Container& container, abi::ContainerEventKind kind, uint64_t value) {
    container.events.post({.kind = kind,
                           .container = container.id,
                           .nanoseconds = nanoseconds_of(hal::Machine::counter() - boot_),
                           .value = value,
                           .lost = 0});
    wake_reader(container);
    show(container);
}

// Its call is repeated, and finds the event, or no container any more.
void Containers::wake_reader(Container& container) {
    if (container.waiter == 0) return;
    Task* task = kernel().tasks.find(container.waiter_task);
    if (task == nullptr || task->state != TaskState::Alive) return;
    for (Thread* thread = task->threads.front(); thread != nullptr;
         thread = task->threads.next(*thread)) {
        const bool waits = thread->id == container.waiter &&
                           thread->state == ThreadState::Sleeping && thread->repeats;
        if (!waits) continue;
        kernel().scheduler.unqueue(*thread);
        kernel().scheduler.make_ready(*thread);
    }
}

}  // namespace kernel
