// SPDX-License-Identifier: Apache-2.0
// The process's port.
#include "hal/host/port.hpp"

extern "C" const size_t kernel_storage_size;  // kernel/storage.cpp

namespace hal::host {
namespace {

Port* the_port = nullptr;

}  // namespace

void set_port(Port* port) {
    the_port = port;
}
Port& port() {
    return *the_port;
}

size_t kernel_size() {
    return kernel_storage_size;
}

}  // namespace hal::host
