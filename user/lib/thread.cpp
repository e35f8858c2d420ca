// SPDX-License-Identifier: Apache-2.0
// Thread creation: [guard page, read-only][stack, grows down][start record][thread-local
// variables].
#include "user/lib/thread.hpp"

#include "user/lib/thread_locals.hpp"

namespace user {

namespace {

// What the new thread finds at the top of its stack.
struct alignas(16) StartRecord {
    Thread::Function function;
    void* argument;
    uint64_t thread_pointer;  // 0: the program has no thread-local variables
};

void run(void* argument) {
    const auto& record = *static_cast<const StartRecord*>(argument);
    if (record.thread_pointer != 0) thread_locals::set_pointer(record.thread_pointer);
    system::exit_thread(record.function(record.argument));
}

}  // namespace

Result<Thread> Thread::create(Function function, void* argument, uint64_t cpu_mask,
                              uint64_t stack_size) {
    Thread thread;
    const uint64_t whole_page = abi::page_size - 1;
    const uint64_t variables = (thread_locals::size() + whole_page) & ~whole_page;
    thread.size_ = abi::page_size + stack_size + variables;
    const auto memory =
        system::map_memory(thread.size_, abi::ProtectionRead | abi::ProtectionWrite);
    if (!memory) return memory.status();
    thread.memory_ = *memory;

    // An overflow begins with a write. A readable page, unlike a hole, stays nobody else's.
    Status status = system::protect_memory(*memory, abi::page_size, abi::ProtectionRead);
    if (status == Status::Ok) {
        const uint64_t stack_end = *memory + thread.size_ - variables;
        auto* record = reinterpret_cast<StartRecord*>(stack_end) - 1;
        const uint64_t pointer =
            variables == 0 ? 0 : thread_locals::make(reinterpret_cast<void*>(stack_end));
        *record = {function, argument, pointer};
        const auto name = system::create_thread(run, record, record, cpu_mask);
        if (name) {
            thread.name_ = *name;
            return thread;
        }
        status = name.status();
    }
    system::unmap_memory(thread.memory_, thread.size_);
    return status;
}

Result<uint64_t> Thread::join() {
    const auto value = system::join_thread(name_);
    if (value) system::unmap_memory(memory_, size_);
    return value;
}

}  // namespace user
