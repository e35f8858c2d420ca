// SPDX-License-Identifier: Apache-2.0
// How much of the phone's memory the kernel's own data takes in the host build.
#include "hal/host/port.hpp"
#include "kernel/kernel.hpp"

namespace hal::host {

size_t kernel_size() {
    return sizeof(kernel::Kernel);
}

}  // namespace hal::host
