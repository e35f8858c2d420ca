// SPDX-License-Identifier: Apache-2.0
// Arguments: records in a column of words.
#include "gui/trace/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace inspector {

namespace {

// The first word of a record: the shape, and whether a link follows the values.
constexpr uint64_t link_flag = uint64_t{1} << 63;

}  // namespace

Arguments::Arguments() {
    append(0, 0);  // so that no record is at no_arguments
}

void Arguments::append(uint64_t word, uint64_t time) {
    if (chunk_ends_.empty() || words_.end() % chunk_rows == 0) chunk_ends_.push_back(time);
    chunk_ends_.back() = std::max(chunk_ends_.back(), time);
    words_.append(word);
}

ArgumentsRef Arguments::add(uint64_t time, const std::vector<Argument>& arguments, bool link) {
    if (arguments.empty()) return no_arguments;
    const ArgumentsRef result = words_.end();
    append(shape_of(arguments) | (link ? link_flag : 0), time);
    for (const Argument& argument : arguments) append(argument.bits, time);
    if (link) append(no_arguments, time);
    return result;
}

uint32_t Arguments::shape_of(const std::vector<Argument>& arguments) {
    shape_.clear();
    for (const Argument& argument : arguments) shape_.emplace_back(argument.name, argument.type);
    if (last_shape_ < shapes_.size() && *shapes_[last_shape_] == shape_) return last_shape_;
    const auto number = static_cast<uint32_t>(shapes_.size());
    const auto [place, fresh] = numbers_.try_emplace(shape_, number);
    if (fresh) shapes_.push_back(&place->first);
    return last_shape_ = place->second;
}

void Arguments::join(ArgumentsRef earlier, ArgumentsRef later) {
    if (later == no_arguments || dropped(later)) return;
    const uint64_t values = shapes_[static_cast<uint32_t>(words_[later])]->size();
    const uint64_t link = later + 1 + values;
    if (link >= words_.begin()) words_.set(link, earlier);
}

std::vector<Argument> Arguments::get(ArgumentsRef ref) const {
    std::vector<Argument> result;
    get(ref, result);
    return result;
}

void Arguments::get(ArgumentsRef ref, std::vector<Argument>& into) const {
    if (ref == no_arguments || dropped(ref)) return;
    const uint64_t head = words_[ref];
    const Shape& shape = *shapes_[static_cast<uint32_t>(head)];
    if ((head & link_flag) != 0) get(words_[ref + 1 + shape.size()], into);
    for (size_t i = 0; i < shape.size(); ++i) {
        into.push_back({shape[i].first, shape[i].second, words_[ref + 1 + i]});
    }
}

std::optional<uint64_t> Arguments::oldest_chunk_end() const {
    // The last chunk is being written.
    if (chunk_ends_.size() < 2) return {};
    return chunk_ends_.front();
}

void Arguments::drop_oldest() {
    words_.drop_before((words_.begin() | (chunk_rows - 1)) + 1);
    chunk_ends_.erase(chunk_ends_.begin());
}

std::string value_text(const Argument& argument, const StringPool& strings) {
    switch (argument.type) {
        case ValueType::Unsigned: return fmt::format("{}", argument.bits);
        case ValueType::Signed: return fmt::format("{}", std::bit_cast<int64_t>(argument.bits));
        case ValueType::Address: return fmt::format("0x{:x}", argument.bits);
        case ValueType::Boolean: return argument.bits != 0 ? "true" : "false";
        case ValueType::Double: return fmt::format("{}", std::bit_cast<double>(argument.bits));
        case ValueType::String: break;
    }
    return std::string(strings.view(static_cast<StringId>(argument.bits)));
}

}  // namespace inspector
