// SPDX-License-Identifier: Apache-2.0
// What the machine keeps for kernel code.
#include "hal/host/port.hpp"

extern "C" const size_t kernel_storage_size;  // kernel/storage.cpp

namespace hal::host {

#ifdef ORRERY_HOST_THREADS
constinit thread_local Present present;
#else
Present present;
#endif

size_t kernel_size() {
    return kernel_storage_size;
}

}  // namespace hal::host
