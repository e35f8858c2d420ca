// SPDX-License-Identifier: Apache-2.0
// The clock of kernel code that runs as host code.
#include "hal/host/clock.hpp"

#include "hal/host/port.hpp"

namespace hal::host {

const char* const* core_types() {
    static constexpr const char* names[] = {ORRERY_CORE_TYPES nullptr};  // from the build
    return names;
}

}  // namespace hal::host

extern "C" {

hal::host::Clock hal_host_clock{};

void hal_host_poll() {
    hal::host::port().poll();
}
void hal_host_load(const void* address) {
    hal::host::port().load(address);
}
void hal_host_store(const void* address) {
    hal::host::port().store(address);
}

}  // extern "C"
