// SPDX-License-Identifier: Apache-2.0
// Room for the one Kernel object, for machines where it lies in the image's .bss; others place it
// in memory of their own and only need its size.
#include "kernel/kernel.hpp"

extern "C" {

alignas(4096) char kernel_storage_bytes[sizeof(kernel::Kernel)];
extern const size_t kernel_storage_size;
const size_t kernel_storage_size = sizeof(kernel::Kernel);

}  // extern "C"
