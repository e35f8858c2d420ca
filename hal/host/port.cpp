// SPDX-License-Identifier: Apache-2.0
// The process's port.
#include "hal/host/port.hpp"

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

}  // namespace hal::host
