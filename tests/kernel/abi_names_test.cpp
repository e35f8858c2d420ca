// SPDX-License-Identifier: Apache-2.0
// The names that the ABI gives its numbers: each its own, and one for each that there is.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "kernel/abi/container.hpp"
#include "kernel/abi/right.hpp"
#include "kernel/abi/schedule.hpp"
#include "kernel/abi/syscall.hpp"

namespace kernel {
namespace {

// Names of the numbers below `limit`; each of them has one unless `sparse`.
template <class Number, class Name>
std::set<std::string> names_of(uint32_t limit, Name name, bool sparse = false) {
    std::set<std::string> names;
    for (uint32_t i = 0; i < limit; ++i) {
        const std::string text = name(static_cast<Number>(i));
        if (text == "unknown") {
            EXPECT_TRUE(sparse) << i;
            continue;
        }
        EXPECT_TRUE(names.insert(text).second) << text;
    }
    EXPECT_STREQ(name(static_cast<Number>(limit)), "unknown");
    return names;
}

TEST(AbiNames, EachSystemCallHasItsOwn) {
    constexpr auto limit = static_cast<uint32_t>(abi::SystemCall::Limit);
    const auto names = names_of<abi::SystemCall>(limit, abi::system_call_name, true);
    EXPECT_EQ(names.count("thread_suspend"), 1U);
    EXPECT_EQ(names.count("exception_bind"), 1U);
    EXPECT_GT(names.size(), 60U);
    for (const std::string& name : names) {
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
    }
}

TEST(AbiNames, EachEnumerationIsNamedToItsEnd) {
    names_of<abi::FrameOwner>(abi::frame_owner_count, abi::frame_owner_name);
    names_of<abi::EndReason>(static_cast<uint32_t>(abi::EndReason::OutOfMemory) + 1,
                             abi::end_reason_name);
    names_of<abi::MemoryMismatch>(static_cast<uint32_t>(abi::MemoryMismatch::Tables) + 1,
                                  abi::memory_mismatch_name);
    names_of<abi::ObjectType>(abi::object_type_count, abi::object_type_name);
    names_of<abi::ContainerLimit>(abi::container_limit_count, abi::container_limit_name);
    names_of<abi::ScheduleClass>(abi::schedule_class_count, abi::schedule_class_name);
}

}  // namespace
}  // namespace kernel
