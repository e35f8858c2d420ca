// SPDX-License-Identifier: Apache-2.0
// Physical addresses that belong to somebody else.
#include "kernel/memory/objects/physical_object.hpp"

namespace kernel {

Result<ObjectPage> PhysicalObject::page(uint64_t index, bool write, const FramePlacement&) {
    if (write && !writable_) return Status::PermissionDenied;
    return ObjectPage{begin_ + index * hal::page_size, writable_, PageOrigin::Present, type_};
}

void PhysicalObject::destroy() {
    memory_.heap().destroy(this);
}

}  // namespace kernel
