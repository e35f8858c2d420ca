// SPDX-License-Identifier: Apache-2.0
// StringPool: the table.
#include "gui/trace/string_pool.hpp"

namespace inspector {

namespace {

// What an entry costs besides its text: the string, its place in the table, the node.
constexpr size_t entry_bytes = 96;
constexpr StringId left_out_string = 1;

}  // namespace

StringPool::StringPool(size_t limit) : limit_(limit) {
    add("");
    add("(name left out)");
}

StringId StringPool::intern(std::string_view text) {
    const auto known = numbers_.find(text);
    if (known != numbers_.end()) return known->second;
    if (bytes_ + text.size() + entry_bytes > limit_) {
        ++left_out_;
        return left_out_string;
    }
    return add(text);
}

StringId StringPool::add(std::string_view text) {
    const StringId id = size();
    texts_.emplace_back(text);
    numbers_.emplace(texts_.back(), id);
    bytes_ += text.size() + entry_bytes;
    return id;
}

}  // namespace inspector
