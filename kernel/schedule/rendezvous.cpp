// SPDX-License-Identifier: Apache-2.0
// Rendezvous: stopping, and waiting to stop others.
#include "kernel/schedule/rendezvous.hpp"

namespace kernel {

void Rendezvous::stop_if_asked() {
    std::atomic<uint32_t>& mine = stopped_[hal::Machine::cpu_index()].number;
    for (;;) {
        const uint32_t number = wanted_.load(std::memory_order_acquire);
        if (number == finished_.load(std::memory_order_acquire)) return;
        mine.store(number, std::memory_order_release);
        wait_for(finished_, number);
    }
}

void Rendezvous::become_host(unsigned self) {
    for (;;) {
        uint32_t nobody = 0;
        if (host_.compare_exchange_strong(nobody, self + 1, std::memory_order_acquire,
                                          std::memory_order_relaxed)) {
            return;
        }
        stop_if_asked();
        halt_after_panic();
        hal::Machine::relax();
    }
}

}  // namespace kernel
