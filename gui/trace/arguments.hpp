// SPDX-License-Identifier: Apache-2.0
// Arguments: the named values attached to events, as words. The names and types of an event's
// values are its shape, which most events share; an event's record is its shape, its values and, at
// the end of a slice, a link to the values of its begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gui/trace/column.hpp"
#include "gui/trace/string_pool.hpp"

namespace inspector {

enum class ValueType : uint8_t { Unsigned, Signed, Address, Boolean, Double, String };

struct Argument {
    StringId name = empty_string;
    ValueType type = ValueType::Unsigned;
    uint64_t bits = 0;  // the value; a StringId, the bits of a double

    bool operator==(const Argument&) const = default;
};

// Where a record is; 0: the event has no arguments.
using ArgumentsRef = uint64_t;
constexpr ArgumentsRef no_arguments = 0;

class Arguments final {
  public:
    Arguments();

    // A record of an event at a time; with `link` there is room to join it to another one.
    // Precondition: at most `most` arguments.
    ArgumentsRef add(uint64_t time, const std::vector<Argument>& arguments, bool link);
    // What belongs to `earlier` belongs to `later` too. Precondition: `later` was made with a link.
    void join(ArgumentsRef earlier, ArgumentsRef later);

    // The arguments in their order; none if they have been dropped.
    [[nodiscard]] std::vector<Argument> get(ArgumentsRef ref) const;
    void get(ArgumentsRef ref, std::vector<Argument>& into) const;
    [[nodiscard]] bool dropped(ArgumentsRef ref) const {
        return ref != no_arguments && ref < words_.begin();
    }

    [[nodiscard]] size_t bytes() const { return words_.bytes() + shapes_.size() * shape_bytes; }
    // The time of the oldest chunk's last record, and what makes that chunk go.
    [[nodiscard]] std::optional<uint64_t> oldest_chunk_end() const;
    void drop_oldest();

    static constexpr size_t most = 64;

  private:
    static constexpr size_t shape_bytes = 256;
    using Shape = std::vector<std::pair<StringId, ValueType>>;

    uint32_t shape_of(const std::vector<Argument>& arguments);
    void append(uint64_t word, uint64_t time);

    Column<uint64_t> words_;
    std::vector<uint64_t> chunk_ends_;  // the last time of each chunk that is kept
    std::map<Shape, uint32_t> numbers_;
    std::vector<const Shape*> shapes_;  // keys of numbers_
    Shape shape_;                       // being looked up, kept for its memory
    uint32_t last_shape_ = UINT32_MAX;
};

// A value as text: addresses in hexadecimal, the rest in decimal.
[[nodiscard]] std::string value_text(const Argument& argument, const StringPool& strings);

}  // namespace inspector
