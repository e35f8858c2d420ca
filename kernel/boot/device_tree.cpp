// SPDX-License-Identifier: Apache-2.0
// A reader of flattened device trees.
#include "kernel/boot/device_tree.hpp"

namespace kernel {
namespace {

constexpr uint32_t magic = 0xd00dfeed;
constexpr uint32_t header_size = 40;
constexpr uint32_t oldest_version = 16;

// Structure block tokens (Devicetree Specification 0.4, section 5.4.1).
constexpr uint32_t begin_node = 1;
constexpr uint32_t end_node = 2;
constexpr uint32_t property_token = 3;
constexpr uint32_t no_operation = 4;
constexpr uint32_t end_of_tree = 9;

uint32_t big_endian(const uint8_t* bytes) {
    return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
           static_cast<uint32_t>(bytes[2]) << 8 | static_cast<uint32_t>(bytes[3]);
}

constexpr uint32_t align4(uint32_t value) {
    return (value + 3) & ~3U;
}

}  // namespace

uint32_t Property::cell(uint32_t index) const {
    if (index >= size / 4) return 0;
    return big_endian(data + static_cast<size_t>(index) * 4);
}

uint64_t Property::number(uint32_t index, uint32_t cells) const {
    uint64_t value = 0;
    for (uint32_t i = 0; i < cells; ++i) value = value << 32 | cell(index + i);
    return value;
}

std::string_view Property::text() const {
    uint32_t length = 0;
    while (length < size && data[length] != 0) ++length;
    return {reinterpret_cast<const char*>(data), length};
}

bool Property::lists(std::string_view text) const {
    Property rest = *this;
    while (rest.size > 0) {
        const std::string_view entry = rest.text();
        if (entry == text) return true;
        const auto used = static_cast<uint32_t>(entry.size()) + 1;
        if (used >= rest.size) return false;
        rest.data += used;
        rest.size -= used;
    }
    return false;
}

Status DeviceTree::open(const void* blob, size_t limit) {
    blob_ = static_cast<const uint8_t*>(blob);
    if (limit < header_size || big_endian(blob_) != magic) return Status::BadImage;
    total_size_ = word(4);
    if (total_size_ < header_size || total_size_ > limit) return Status::BadImage;
    structure_ = word(8);
    strings_ = word(12);
    reservations_ = word(16);
    const uint32_t version = word(20);
    const uint32_t strings_size = word(32);
    const uint32_t structure_size = version >= 17 ? word(36) : total_size_ - structure_;
    if (version < oldest_version) return Status::BadImage;
    if (structure_ > total_size_ || structure_size > total_size_ - structure_) {
        return Status::BadImage;
    }
    if (strings_ > total_size_ || strings_size > total_size_ - strings_) return Status::BadImage;
    if (structure_ % 4 != 0 || reservations_ % 8 != 0) return Status::BadImage;
    structure_end_ = structure_ + structure_size;
    strings_end_ = strings_ + strings_size;

    // One walk over all tokens, so that later ones need not wonder.
    uint32_t depth = 0;
    Token token;
    for (uint32_t at = structure_; token_at(at, token); at = token.next) {
        if (token.kind == begin_node && ++depth > max_depth) return Status::BadImage;
        if (token.kind == end_node && depth-- == 0) return Status::BadImage;
        if (token.kind == end_of_tree) return depth == 0 ? Status::Ok : Status::BadImage;
    }
    return Status::BadImage;
}

uint32_t DeviceTree::word(uint32_t offset) const {
    return big_endian(blob_ + offset);
}

bool DeviceTree::token_at(uint32_t offset, Token& token) const {
    if (offset % 4 != 0 || offset < structure_ || offset + 4 > structure_end_) return false;
    token = Token{word(offset), offset + 4, 0, 0, 0};
    switch (token.kind) {
        case end_node:
        case no_operation:
        case end_of_tree: return true;
        case begin_node: {
            const std::string_view text = text_at(offset + 4, structure_end_);
            if (text.data() == nullptr) return false;
            token.next = align4(offset + 4 + static_cast<uint32_t>(text.size()) + 1);
            return token.next <= structure_end_;
        }
        case property_token: {
            if (structure_end_ - offset < 12) return false;
            token.size = word(offset + 4);
            token.name = word(offset + 8);
            token.data = offset + 12;
            if (token.size > structure_end_ - token.data) return false;
            token.next = align4(token.data + token.size);
            return token.next <= structure_end_;
        }
        default: return false;
    }
}

// A NUL-terminated string before `end`, or one without data.
std::string_view DeviceTree::text_at(uint32_t offset, uint32_t end) const {
    for (uint32_t at = offset; at < end; ++at) {
        if (blob_[at] == 0) return {reinterpret_cast<const char*>(blob_ + offset), at - offset};
    }
    return {};
}

DeviceTree::Node DeviceTree::advance(Walk& walk) const {
    Token token;
    while (token_at(walk.at, token) && token.kind != end_of_tree) {
        const uint32_t at = walk.at;
        walk.at = token.next;
        if (token.kind == end_node) --walk.depth;
        if (token.kind == property_token && token.name < strings_end_ - strings_) {
            const std::string_view key = text_at(strings_ + token.name, strings_end_);
            const Property value{blob_ + token.data, token.size};
            if (key == "#address-cells") walk.children[walk.depth].address = value.cell(0);
            if (key == "#size-cells") walk.children[walk.depth].size = value.cell(0);
        }
        if (token.kind == begin_node) {
            const Cells cells = walk.children[walk.depth];
            walk.children[++walk.depth] = Cells{};
            return Node{at, walk.depth, cells.address, cells.size};
        }
    }
    return {};
}

Property DeviceTree::property(const Node& node, std::string_view name) const {
    Token token;
    if (!node.valid() || !token_at(node.offset, token)) return {};
    for (uint32_t at = token.next; token_at(at, token); at = token.next) {
        if (token.kind == no_operation) continue;
        if (token.kind != property_token) break;  // properties come before child nodes
        if (token.name >= strings_end_ - strings_) continue;
        if (text_at(strings_ + token.name, strings_end_) == name) {
            return Property{blob_ + token.data, token.size};
        }
    }
    return {};
}

std::string_view DeviceTree::name(const Node& node) const {
    return text_at(node.offset + 4, structure_end_);
}

DeviceTree::Node DeviceTree::find_compatible(std::string_view compatible) const {
    Node found;
    for_each_node([&](const Node& node, std::string_view) {
        if (property(node, "compatible").lists(compatible)) found = node;
        return !found.valid();
    });
    return found;
}

DeviceTree::Node DeviceTree::find_handle(uint32_t handle) const {
    Node found;
    for_each_node([&](const Node& node, std::string_view) {
        const Property own = property(node, "phandle");
        if (own.present() && own.cell(0) == handle) found = node;
        return !found.valid();
    });
    return found;
}

DeviceTree::Node DeviceTree::find_path(std::string_view path) const {
    Node found;
    uint32_t matched = 0;  // depth of the deepest node on the path that was met
    for_each_node([&](const Node& node, std::string_view own_name) {
        if (matched != 0 && node.depth <= matched) return false;  // its parent was left
        if (node.depth != matched + 1) return true;
        while (!path.empty() && path.front() == '/') path.remove_prefix(1);
        if (matched != 0) {  // the root matches the empty name
            const std::string_view part = path.substr(0, path.find('/'));
            if (own_name != part) return true;
            path.remove_prefix(part.size());
        }
        matched = node.depth;
        if (path.find_first_not_of('/') == std::string_view::npos) found = node;
        return !found.valid();
    });
    return found;
}

bool DeviceTree::reg(const Node& node, uint32_t index, uint64_t& address, uint64_t& size) const {
    const Property value = property(node, "reg");
    if (node.address_cells > 2 || node.size_cells > 2) return false;
    const uint32_t cells = node.address_cells + node.size_cells;
    const uint32_t pair = index * cells;
    if (cells == 0 || pair + cells > value.size / 4) return false;
    address = value.number(pair, node.address_cells);
    size = value.number(pair + node.address_cells, node.size_cells);
    return true;
}

bool DeviceTree::reservation(uint32_t index, uint64_t& address, uint64_t& size) const {
    if (reservations_ > total_size_ || index >= (total_size_ - reservations_) / 16) return false;
    const Property entry{blob_ + reservations_ + static_cast<size_t>(index) * 16, 16};
    address = entry.number(0, 2);
    size = entry.number(2, 2);
    return address != 0 || size != 0;
}

}  // namespace kernel
