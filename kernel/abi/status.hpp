// SPDX-License-Identifier: Apache-2.0
// Status: the one set of error codes at the kernel boundary.
#pragma once

namespace kernel::abi {

enum class Status : int {
    Ok = 0,
    InvalidArgument = -1,   // a value the call never accepts: zero size, misaligned, unknown flag
    BadAddress = -2,        // a user pointer that is not mapped with the access the call needs
    NoMemory = -3,          // no free frame, no free kernel memory
    NotFound = -4,          // no such task, thread, file or mapping
    PermissionDenied = -5,  // the object exists, the caller may not do this to it
    Busy = -6,              // already in use: the range is mapped, the thread is being joined
    WouldBlock = -7,        // a non-blocking call found nothing to do
    LimitReached = -8,      // a fixed bound of the kernel: tasks, threads, regions
    BadImage = -9,          // not a loadable AArch64 ELF file, or a broken archive
    Unsupported = -10,      // this machine or this build does not offer it
    Interrupted = -11,      // the wait ended because its object went away
    UnknownCall = -12,      // no system call has this number
    DeviceFailed = -13,     // a device reported an error, and what was asked of it is not done
    TimedOut = -14,         // the wait had an end, and that came first
    PortDead = -15,         // nobody receives from the port any more, or ever will
};

constexpr const char* status_name(Status status) {
    switch (status) {
        case Status::Ok: return "ok";
        case Status::InvalidArgument: return "invalid argument";
        case Status::BadAddress: return "bad address";
        case Status::NoMemory: return "no memory";
        case Status::NotFound: return "not found";
        case Status::PermissionDenied: return "permission denied";
        case Status::Busy: return "busy";
        case Status::WouldBlock: return "would block";
        case Status::LimitReached: return "limit reached";
        case Status::BadImage: return "bad image";
        case Status::Unsupported: return "unsupported";
        case Status::Interrupted: return "interrupted";
        case Status::UnknownCall: return "unknown system call";
        case Status::DeviceFailed: return "device failed";
        case Status::TimedOut: return "timed out";
        case Status::PortDead: return "port dead";
    }
    return "unknown status";
}

}  // namespace kernel::abi
