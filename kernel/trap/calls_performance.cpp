// SPDX-License-Identifier: Apache-2.0
// System calls on operating points.
#include "kernel/kernel.hpp"
#include "kernel/trap/system_calls.hpp"

namespace kernel::calls {

void performance_read(Call& call) {
    Clocks& clocks = kernel().clocks;
    if (call.argument(0) >= clocks.count()) return call.finish(Status::NotFound);
    abi::PerformanceDomain domain{};
    const Status status = clocks.read(static_cast<uint32_t>(call.argument(0)), domain);
    if (status != Status::Ok) return call.finish(status);
    call.finish(call.task().space.write(call.argument(1), &domain, sizeof domain));
}

void performance_set(Call& call) {
    Clocks& clocks = kernel().clocks;
    if (call.argument(0) >= clocks.count()) return call.finish(Status::NotFound);
    if (call.argument(1) > UINT32_MAX) return call.finish(Status::InvalidArgument);
    const auto index = static_cast<uint32_t>(call.argument(0));
    const auto kilohertz = static_cast<uint32_t>(call.argument(1));
    const Status status = clocks.set(index, kilohertz, call.thread().id);
    if (status == Status::Ok) kernel().energy.clock_changed(index, kilohertz);
    call.finish(status);
}

}  // namespace kernel::calls
