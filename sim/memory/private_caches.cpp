// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/private_caches.hpp"

#include <algorithm>

namespace orrery::memory {

bool PrivateCaches::snoop_share(uint64_t line) {
    const LineState near = l1d.peek(line);
    const LineState far = l2.peek(line);
    if (near != LineState::invalid) l1d.set_state(line, LineState::shared);
    if (far != LineState::invalid) l2.set_state(line, LineState::shared);
    return std::max(near, far) == LineState::modified;
}

bool PrivateCaches::snoop_invalidate(uint64_t line) {
    return std::max(l1d.remove(line), l2.remove(line)) == LineState::modified;
}

void PrivateCaches::fill_l2(uint64_t line, LineState state, CacheLine& victim) {
    victim = l2.insert(line, state);
    if (victim.state == LineState::invalid) return;
    victim.state = std::max(victim.state, l1d.remove(victim.line));
}

bool PrivateCaches::fill_l1d(uint64_t line, LineState state) {
    const CacheLine victim = l1d.insert(line, state);
    if (victim.state != LineState::modified) return false;
    l2.set_state(victim.line, LineState::modified);
    return true;
}

}  // namespace orrery::memory
