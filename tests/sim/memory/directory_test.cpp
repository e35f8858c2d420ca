// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/directory.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/sim/memory/fixture.hpp"

namespace orrery::memory {
namespace {

TEST(Directory, IsAsAMap) {
    for (uint32_t seed = 1; seed <= 10; ++seed) {
        constexpr size_t most = 500;
        Directory directory(most);
        std::map<uint64_t, uint32_t> map;
        Random random(seed);
        for (int step = 0; step < 50'000; ++step) {
            const uint64_t line = random() % 1500 * 4096;
            const auto found = map.find(line);
            ASSERT_EQ(directory.find(line).cpus, found == map.end() ? 0 : found->second);
            uint32_t cpus = random() % 3 == 0 ? 0 : random() & 0xff;
            if (found == map.end() && map.size() == most) cpus = 0;
            directory.set(line, {cpus, false});
            if (cpus == 0) {
                map.erase(line);
            } else {
                map[line] = cpus;
            }
        }
    }
}

}  // namespace
}  // namespace orrery::memory
