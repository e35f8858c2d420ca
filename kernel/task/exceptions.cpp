// SPDX-License-Identifier: Apache-2.0
// Exceptions as messages.
#include "kernel/task/exceptions.hpp"

#include "kernel/ipc/ports.hpp"
#include "kernel/kernel.hpp"

namespace kernel {
namespace {

bool is_alive(const Port* port) {
    return port != nullptr && port->alive;
}

}  // namespace

bool begin_exception(Thread& thread, uint32_t syndrome, uint64_t address) {
    const Task& task = *thread.task;
    ThreadExceptions& exceptions = thread.exceptions;
    Port* port = is_alive(exceptions.port) ? exceptions.port : task.exceptions;
    if (task.state != TaskState::Alive || !is_alive(port)) return false;
    KERNEL_ASSERT(exceptions.told == nullptr);
    exceptions.told = port;
    ++port->references;
    port->stopped.push_back(thread);
    Message& message = exceptions.message;
    message.kind = Message::Kind::Kernel;
    message.label = abi::label_exception;
    message.words.word[0] = abi::exception_source(task.id, thread.id);
    message.words.word[1] = syndrome;
    message.words.word[2] = address;
    message.words.word[3] = thread.frame.pc;
    ++thread.suspensions;
    kernel().scheduler.block_current(ThreadState::Suspended);
    post(*port, message);
    return true;
}

void end_exception(Thread& thread) {
    ThreadExceptions& exceptions = thread.exceptions;
    if (exceptions.told == nullptr) return;
    if (exceptions.message.port != nullptr) take_message(exceptions.message);
    exceptions.told->stopped.remove(thread);
    release_port(*exceptions.told);
    exceptions.told = nullptr;
}

void leave_exceptions(Thread& thread) {
    end_exception(thread);
    bind_exceptions(thread.exceptions.port, nullptr);
}

void bind_exceptions(Port*& bound, Port* port) {
    if (port != nullptr) ++port->references;
    if (bound != nullptr) release_port(*bound);
    bound = port;
}

}  // namespace kernel
