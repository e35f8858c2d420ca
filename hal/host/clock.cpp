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
void hal_host_load(const void* address, uint32_t size) {
    hal::host::port().load(address, size);
}
void hal_host_store(const void* address, uint32_t size) {
    hal::host::port().store(address, size);
}
void hal_host_atomic(const void* address, uint32_t size) {
    hal::host::port().atomic(address, size);
}
void hal_host_look_up_cpu() {
    hal::host::port().look_up_cpu();
}
void hal_host_walk(const hal::host::CodeWalk* walk) {
    hal::host::port().walk(*walk);
}

}  // extern "C"
