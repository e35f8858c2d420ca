// SPDX-License-Identifier: Apache-2.0
// What the machine keeps for kernel code.
#include "hal/host/port.hpp"

extern "C" const size_t kernel_storage_size;  // kernel/storage.cpp

namespace hal::host {

Present present;

size_t kernel_size() {
    return kernel_storage_size;
}

}  // namespace hal::host
