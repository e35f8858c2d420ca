// SPDX-License-Identifier: Apache-2.0
// The objects of a kernel that runs natively.
//
// Safety: kernel functions count what they cost the CPU that calls them, and nobody calls here. So
// nothing of the kernel is called but what is inlined (gnu::flatten), and nothing is written.
#include "sim/phone/native_objects.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "kernel/kernel.hpp"

namespace orrery::phone {
namespace {

const char* state_name(kernel::ThreadState state) {
    constexpr std::array names = {"new",          "ready",      "running",      "sleeping",
                                  "wait_thread",  "wait_task",  "wait_console", "ended",
                                  "wait_message", "wait_reply", "wait_room",    "suspended",
                                  "throttled",    "frozen",     "wait_futex"};
    static_assert(static_cast<size_t>(kernel::ThreadState::WaitFutex) + 1 == names.size());
    const auto index = static_cast<size_t>(state);
    return index < names.size() ? names[index] : "unknown";
}

// CPUs note the lock's rank before they wait for it, so this errs to the safe side.
bool objects_change() {
    constexpr uint32_t objects = 1U << static_cast<uint32_t>(kernel::LockRank::Objects);
    const auto& held = kernel::kernel().held_ranks;
    return std::any_of(std::begin(held), std::end(held),
                       [](uint32_t ranks) { return (ranks & objects) != 0; });
}

template <typename Visit>
void for_each_task(const Visit& visit) {
    for (uint32_t slot = 0; slot < kernel::abi::max_tasks; ++slot) {
        kernel::Task* const task = kernel::kernel().tasks.at_slot(slot);
        if (task != nullptr) visit(*task);
    }
}

}  // namespace

[[gnu::flatten]] std::optional<std::vector<NativeThread>> native_threads() {
    if (objects_change()) return {};
    std::vector<NativeThread> threads;
    for_each_task([&threads](kernel::Task& task) {
        for (kernel::Thread* thread = task.threads.front(); thread != nullptr;
             thread = task.threads.next(*thread)) {
            threads.push_back({.id = thread->id,
                               .task = task.id,
                               .state = state_name(thread->state),
                               .cpu = thread->cpu,
                               .pc = thread->frame.pc,
                               .sp = thread->frame.sp,
                               .call = thread->call});
        }
    });
    return threads;
}

[[gnu::flatten]] uint32_t native_task(unsigned cpu) {
    const kernel::Thread* const thread = kernel::kernel().scheduler.current(cpu);
    return thread == nullptr ? 0 : thread->task->id;
}

[[gnu::flatten]] std::optional<std::vector<NativeRight>> native_rights(uint32_t id) {
    if (objects_change()) return {};
    std::vector<NativeRight> rights;
    for_each_task([&rights, id](kernel::Task& task) {
        if (task.id != id) return;
        for (uint32_t position = 0; position < task.rights.end(); ++position) {
            const kernel::Right* const right = task.rights.at(position);
            if (right == nullptr) continue;
            rights.push_back({.name = right->name,
                              .type = kernel::abi::object_type_name(right->type),
                              .mask = right->mask,
                              .badge = right->badge});
        }
    });
    return rights;
}

}  // namespace orrery::phone
