// SPDX-License-Identifier: Apache-2.0
// System calls on rights.
#include "kernel/capability/capabilities.hpp"
#include "kernel/capability/named_objects.hpp"
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {
namespace {

Result<abi::RightReport> report(Task& task, uint64_t name) {
    Kernel& k = kernel();
    const LockGuard guard(k.scheduler.lock());
    const Right* right = TRY(find_right(task, name));
    abi::RightReport result{};
    result.type = right->type;
    result.mask = right->mask;
    result.badge = right->badge;
    result.derived = right->first_child != nullptr ? 1 : 0;
    const bool is_numbered = right->type == ObjectType::Task || right->type == ObjectType::Thread ||
                             right->type == ObjectType::Container;
    if (is_numbered) result.number = number_in(right->object);
    if (right->expires_at != Right::never) {
        result.expires = nanoseconds_of(right->expires_at - k.info.boot_ticks);
    }
    return result;
}

}  // namespace

void right_copy(Call& call) {
    const uint64_t mask = call.argument(1);
    if (mask > UINT32_MAX) return call.finish(Status::InvalidArgument);
    Derivation what;
    what.mask = static_cast<uint32_t>(mask);
    what.badge = call.argument(2);
    if (const uint64_t lifetime = call.argument(3)) {
        what.expires_at = hal::Machine::counter() + ticks_of(lifetime);
    }
    call.finish(derive(call.task(), call.argument(0), what, call.task()));
}

void right_close(Call& call) {
    call.finish(close_right(call.task(), call.argument(0)));
}

void right_revoke(Call& call) {
    call.finish(revoke(call.task(), call.argument(0)));
}

void right_open(Call& call) {
    Derivation what;
    what.part = static_cast<ObjectType>(call.argument(1));
    what.number = call.argument(2);
    what.caller = &call.thread();
    if (call.argument(1) == 0 || call.argument(1) >= abi::object_type_count) {
        return call.finish(Status::InvalidArgument);
    }
    call.finish(derive(call.task(), call.argument(0), what, call.task()));
}

void right_read(Call& call) {
    const Result<abi::RightReport> found = report(call.task(), call.argument(0));
    if (!found.ok()) return call.finish(found.status());
    const abi::RightReport result = found.value();
    call.finish(call.task().space.write(call.argument(1), &result, sizeof result));
}

}  // namespace kernel::calls
