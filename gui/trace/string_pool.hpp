// SPDX-License-Identifier: Apache-2.0
// StringPool: every text of a trace once, known by a number. Numbers are given in the order in
// which texts come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace inspector {

using StringId = uint32_t;
constexpr StringId empty_string = 0;

class StringPool final {
  public:
    static constexpr size_t default_limit = size_t{64} << 20;

    // Texts beyond so many bytes are all known as "(name left out)", for texts never go.
    explicit StringPool(size_t limit = default_limit);

    StringId intern(std::string_view text);
    // Precondition: `id` is from this pool. The view stays valid as long as the pool.
    [[nodiscard]] std::string_view view(StringId id) const { return texts_[id]; }
    [[nodiscard]] StringId size() const { return static_cast<StringId>(texts_.size()); }
    [[nodiscard]] size_t bytes() const { return bytes_; }
    // How often a text was left out.
    [[nodiscard]] uint64_t left_out() const { return left_out_; }

  private:
    StringId add(std::string_view text);

    std::deque<std::string> texts_;
    std::unordered_map<std::string_view, StringId> numbers_;  // views of texts_
    size_t limit_;
    size_t bytes_ = 0;
    uint64_t left_out_ = 0;
};

}  // namespace inspector
