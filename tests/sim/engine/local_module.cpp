// SPDX-License-Identifier: Apache-2.0
// The engine in a module whose symbols nobody else sees, as in the simulator's Python module.
#include <cstdio>
#include <exception>

#include "sim/engine/self_test.hpp"

// Returns 1 if the self-test passes here.
extern "C" __attribute__((visibility("default"))) int orrery_engine_self_test() {
    try {
        orrery::engine::self_test();
        return 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 0;
    }
}
