// SPDX-License-Identifier: Apache-2.0
// A reader of flattened device trees, after the Devicetree Specification 0.4, chapter 5.
//
// The blob is data from outside: every offset is checked before it is followed, so that a broken
// tree ends in "not found", never in a wild read.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <string_view>

#include "kernel/base/result.hpp"

namespace kernel {

// The bytes of a property's value.
struct Property {
    const uint8_t* data = nullptr;
    uint32_t size = 0;

    [[nodiscard]] bool present() const { return data != nullptr; }
    // The big-endian cell at `index`, 0 beyond the end.
    [[nodiscard]] uint32_t cell(uint32_t index) const;
    // A number of `cells` cells (0 to 2) that starts at cell `index`.
    [[nodiscard]] uint64_t number(uint32_t index, uint32_t cells) const;
    // A value of one or two cells, whichever it has.
    [[nodiscard]] uint64_t number() const { return number(0, size / 4); }
    // The first string; up to the end if the terminator is missing.
    [[nodiscard]] std::string_view text() const;
    // True if `text` is among the strings of the list.
    [[nodiscard]] bool lists(std::string_view text) const;
};

class DeviceTree final {
  public:
    // A node, by its place in the structure block.
    struct Node {
        uint32_t offset = 0;  // 0: none, as the root starts behind its first token
        uint32_t depth = 0;
        uint32_t address_cells = 2;  // of the parent: how its `reg` is to be read
        uint32_t size_cells = 1;
        [[nodiscard]] bool valid() const { return depth != 0; }
    };

    // BadImage unless `blob` holds a well-formed header and a structure that ends properly within
    // `limit` bytes.
    [[nodiscard]] Status open(const void* blob, size_t limit);

    [[nodiscard]] uint32_t total_size() const { return total_size_; }

    // Calls visit(node, name) for each node, parents first, until it returns false.
    template <class Visit>
    void for_each_node(Visit visit) const {
        Walk walk{structure_, 0, {}};
        for (Node node = advance(walk); node.valid(); node = advance(walk)) {
            if (!visit(node, name(node))) return;
        }
    }
    [[nodiscard]] Node find_compatible(std::string_view compatible) const;
    [[nodiscard]] Node find_path(std::string_view path) const;
    [[nodiscard]] Node find_handle(uint32_t handle) const;
    [[nodiscard]] Property property(const Node& node, std::string_view name) const;
    [[nodiscard]] std::string_view name(const Node& node) const;

    // The `index`-th (address, size) pair of the node's `reg`.
    [[nodiscard]] bool reg(const Node& node, uint32_t index, uint64_t& address,
                           uint64_t& size) const;
    // The `index`-th pair of the memory reservation block; false at its end.
    [[nodiscard]] bool reservation(uint32_t index, uint64_t& address, uint64_t& size) const;

  private:
    struct Token {
        uint32_t kind;
        uint32_t next;  // offset behind the token and its data
        uint32_t data;
        uint32_t size;
        uint32_t name;
    };
    static constexpr uint32_t max_depth = 16;
    struct Cells {
        uint32_t address = 2;
        uint32_t size = 1;
    };
    // A walk in progress, with what each open node says of its children's `reg`.
    struct Walk {
        uint32_t at;
        uint32_t depth;
        Cells children[max_depth + 1];
    };

    [[nodiscard]] bool token_at(uint32_t offset, Token& token) const;
    // The next node in document order; invalid at the end.
    [[nodiscard]] Node advance(Walk& walk) const;
    [[nodiscard]] std::string_view text_at(uint32_t offset, uint32_t end) const;
    [[nodiscard]] uint32_t word(uint32_t offset) const;

    const uint8_t* blob_ = nullptr;
    uint32_t total_size_ = 0;
    uint32_t structure_ = 0;
    uint32_t structure_end_ = 0;
    uint32_t strings_ = 0;
    uint32_t strings_end_ = 0;
    uint32_t reservations_ = 0;
};

}  // namespace kernel
