// SPDX-License-Identifier: Apache-2.0
// System calls: from the registers of a thread to the function that serves it.
#pragma once

#include <string_view>

#include "kernel/abi/trace.hpp"
#include "kernel/task/tasks.hpp"

namespace kernel {

// One call in progress: its arguments, and the ways to end it. A handler that ends it in none of
// these ways has blocked the thread, or has made it leave for good.
class Call final {
  public:
    explicit Call(Thread& caller) : thread_(caller) {}

    [[nodiscard]] Thread& thread() const { return thread_; }
    [[nodiscard]] Task& task() const { return *thread_.task; }
    [[nodiscard]] uint64_t argument(unsigned index) const { return thread_.frame.x[index]; }

    // Locked. The task has begun to end while the call was on its way: it must not block any more,
    // as nobody would wake the thread; its way out of the kernel ends it.
    [[nodiscard]] bool ending() const { return task().state != TaskState::Alive; }

    void finish(Status status) { finish(static_cast<uint64_t>(static_cast<int64_t>(status))); }
    void finish(uint64_t value) { thread_.frame.x[0] = value; }
    void finish(uint64_t value, uint64_t second) {
        thread_.frame.x[0] = value;
        thread_.frame.x[1] = second;
    }
    template <class T>
    void finish(const Result<T>& result) {
        if (result.ok()) {
            finish(static_cast<uint64_t>(result.value()));
        } else {
            finish(result.status());
        }
    }
    // The call is made again when the thread next runs. Before the thread is blocked.
    void repeat() {
        thread_.frame.pc -= 4;
        thread_.repeats = true;
    }
    // It has come to its end, and with that. A thread that blocked may already run elsewhere.
    [[nodiscard]] bool says_no_memory() const;
    // It is not, after all. Precondition: the thread is still current.
    void take_back_repeat() {
        thread_.frame.pc += 4;
        thread_.repeats = false;
    }

  private:
    Thread& thread_;
};

// Serves the call that the current thread has trapped with, and leaves the kernel.
[[nodiscard]] hal::Resume take_system_call();

// Tells the log of a call that a thread has made.
void audit_call(const Thread& caller, AuditLog& log, uint64_t number, uint64_t argument,
                uint64_t result);

// Shows and traces what a call has changed of the task's memory.
void note_memory_change(const Call& call, abi::TraceType type, uint64_t address, uint64_t size);

namespace calls {

// What a request for a program refers to, read from user memory. Large: one at a time on a stack.
struct SpawnBuffers {
    static constexpr uint64_t longest_path = 128;
    char path[longest_path];
    char arguments[abi::argument_size];
};
// Reads SpawnArguments; on success the request has a reference to each object.
[[nodiscard]] Status read_spawn(Task& task, uint64_t user_arguments, SpawnBuffers& buffers,
                                SpawnRequest& request);

// Handlers, by file.
void task_exit(Call& call);  // calls_task.cpp
void task_spawn(Call& call);
void task_wait(Call& call);
void task_kill(Call& call);
void thread_exit(Call& call);  // calls_thread.cpp
void thread_yield(Call& call);
void thread_sleep(Call& call);
void thread_create(Call& call);
void thread_join(Call& call);
void thread_number(Call& call);
void thread_suspend(Call& call);  // calls_thread_control.cpp
void thread_resume(Call& call);
void thread_read(Call& call);
void thread_write(Call& call);
void exception_bind(Call& call);
void memory_map(Call& call);  // calls_memory.cpp
void memory_unmap(Call& call);
void memory_protect(Call& call);
void archive_map(Call& call);
void memory_copy(Call& call);
void memory_advise(Call& call);
void memory_query(Call& call);
void memory_audit(Call& call);          // calls_audit.cpp
void memory_object_create(Call& call);  // calls_memory_object.cpp
void memory_object_copy(Call& call);
void memory_object_close(Call& call);
void memory_map_object(Call& call);
void memory_compact(Call& call);  // calls_pressure.cpp
void page_pool_register(Call& call);
void balloon_request(Call& call);
void balloon_wait(Call& call);
void console_write(Call& call);  // calls_system.cpp
void console_read(Call& call);
void null(Call& call);
void unknown(Call& call);
void clock_now(Call& call);
void system_info(Call& call);
void cpu_number(Call& call);
void power_off(Call& call);
void futex_wait(Call& call);  // calls_futex.cpp
void futex_wake(Call& call);
void lock_wait(Call& call);
void lock_wake(Call& call);
void performance_read(Call& call);  // calls_performance.cpp
void performance_set(Call& call);
void frames_operate(Call& call);  // calls_frames.cpp
void frames_read(Call& call);
void frames_map(Call& call);
void right_copy(Call& call);  // calls_right.cpp
void right_close(Call& call);
void right_revoke(Call& call);
void right_read(Call& call);
void right_open(Call& call);
void port_create(Call& call);  // calls_port.cpp
void port_set_create(Call& call);
void port_set_change(Call& call);
void port_notify(Call& call);
void port_read(Call& call);
void interrupt_create(Call& call);
void interrupt_bind(Call& call);
void interrupt_acknowledge(Call& call);
void message_send(Call& call);  // calls_message.cpp
void message_call(Call& call);
void message_receive(Call& call);
void message_reply(Call& call);
void message_reply_receive(Call& call);
void reply_save(Call& call);
void container_create(Call& call);  // calls_container.cpp
void container_start(Call& call);
void container_kill(Call& call);
void container_delete(Call& call);
void container_pause(Call& call);
void container_resume(Call& call);
void container_set(Call& call);
void container_statistics(Call& call);
void container_next(Call& call);
void container_bind(Call& call);
void audit_control(Call& call);  // calls_audit_log.cpp
void audit_read(Call& call);
void thread_schedule(Call& call);  // calls_schedule.cpp
void thread_schedule_read(Call& call);
void cpu_plug(Call& call);
void schedule_read(Call& call);

}  // namespace calls
}  // namespace kernel
