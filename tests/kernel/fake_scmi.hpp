// SPDX-License-Identifier: Apache-2.0
// An SCMI platform for the kernel's driver: performance domains behind a mailbox and shared memory,
// with faults that a test chooses. It answers when the doorbell rings.
#pragma once

#include <array>
#include <vector>

#include "tests/kernel/fake_machine.hpp"
#include "tests/kernel/machine_trees.hpp"

namespace kernel {

class FakeScmi final : public FakeDevice {
  public:
    struct Domain {
        const char* name;
        std::vector<uint32_t> levels;
        uint32_t current;
    };

    std::vector<Domain> domains{{"little", {10, 18}, 18},
                                {"big", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 24}, 24}};
    uint32_t kilohertz_a_level = 100'000;
    bool silent = false;          // never answers
    bool broken = false;          // answers with a channel error
    bool descends = false;        // tells levels in the wrong order
    unsigned levels_at_once = 7;  // in an answer
    unsigned messages = 0;

    [[nodiscard]] bool holds(hal::PhysicalAddress address) const override {
        return (address >= mailbox_at && address < mailbox_at + 0x1000) ||
               (address >= channel_at && address < channel_at + 0x80);
    }
    uint32_t read32(hal::PhysicalAddress address) override {
        return address >= channel_at ? memory_[(address - channel_at) / 4] : 0;
    }
    void write32(hal::PhysicalAddress address, uint32_t value) override {
        if (address >= channel_at) {
            memory_[(address - channel_at) / 4] = value;
        } else if (address == mailbox_at + 0x128 && value == 1U << 2 && !silent) {
            answer();
        }
    }

  private:
    static constexpr hal::PhysicalAddress channel_at = scmi_memory_at + 0x80;
    enum Word : size_t { status = 1, length = 5, header = 6, payload = 7 };

    void reply(int32_t result, const std::vector<uint32_t>& words = {}) {
        memory_[payload] = static_cast<uint32_t>(result);
        for (size_t i = 0; i < words.size(); ++i) memory_.at(payload + 1 + i) = words[i];
        memory_[length] = static_cast<uint32_t>(8 + 4 * words.size());
        memory_[status] = broken ? 3 : 1;
    }

    void answer() {
        ++messages;
        const uint32_t index = memory_[payload];
        const uint32_t second = memory_[payload + 1];
        if ((memory_[header] >> 10 & 0xff) != 0x13) return reply(-1);
        const uint32_t message = memory_[header] & 0xff;
        if (message == 1) return reply(0, {static_cast<uint32_t>(domains.size()), 0, 0, 0});
        if (index >= domains.size()) return reply(-4);
        Domain& domain = domains[index];
        switch (message) {
            case 3: return attributes(domain);
            case 4: return describe(domain, second);
            case 6: return reply(0, {domain.levels.back(), domain.levels.front()});
            case 7: domain.current = second; return reply(0);
            case 8: return reply(0, {domain.current});
            default: return reply(-1);
        }
    }

    void attributes(const Domain& domain) {
        const uint32_t top = domain.levels.back();
        std::vector<uint32_t> words{3U << 30, 0, top * kilohertz_a_level, top, 0, 0, 0, 0};
        const std::string name(domain.name);
        for (size_t i = 0; i < name.size(); ++i) {
            words[4 + i / 4] |= static_cast<uint32_t>(name[i]) << i % 4 * 8;
        }
        reply(0, words);
    }

    void describe(const Domain& domain, size_t first) {
        const size_t rest = domain.levels.size() - first;
        const size_t count = rest < levels_at_once ? rest : levels_at_once;
        std::vector<uint32_t> words{static_cast<uint32_t>(count | (rest - count) << 16)};
        for (size_t i = first; i < first + count; ++i) {
            const size_t at = descends ? domain.levels.size() - 1 - i : i;
            words.insert(words.end(), {domain.levels[at], 100, 40});
        }
        reply(0, words);
    }

    std::array<uint32_t, 32> memory_{0, 1};  // free
};

}  // namespace kernel
