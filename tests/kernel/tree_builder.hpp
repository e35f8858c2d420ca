// SPDX-License-Identifier: Apache-2.0
// Builds flattened device trees with libfdt's sequential writer.
#pragma once

#include <libfdt.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernel {

class TreeBuilder final {
  public:
    using Reservations = std::vector<std::pair<uint64_t, uint64_t>>;

    explicit TreeBuilder(const Reservations& reservations = {}) : blob_(16384, '\0') {
        check(fdt_create(blob_.data(), static_cast<int>(blob_.size())));
        for (const auto& [address, size] : reservations) {
            check(fdt_add_reservemap_entry(blob_.data(), address, size));
        }
        check(fdt_finish_reservemap(blob_.data()));
    }

    TreeBuilder& begin(const char* name) {
        check(fdt_begin_node(blob_.data(), name));
        return *this;
    }
    TreeBuilder& end() {
        check(fdt_end_node(blob_.data()));
        return *this;
    }
    TreeBuilder& bytes(const char* name, std::string_view value) {
        check(fdt_property(blob_.data(), name, value.data(), static_cast<int>(value.size())));
        return *this;
    }
    TreeBuilder& cells(const char* name, std::initializer_list<uint32_t> values) {
        std::string value;
        for (const uint32_t cell : values) {
            for (const unsigned shift : {24U, 16U, 8U, 0U}) {
                value += static_cast<char>(cell >> shift & 0xff);
            }
        }
        return bytes(name, value);
    }
    // One number of two cells.
    TreeBuilder& wide(const char* name, uint64_t value) {
        return cells(name, {static_cast<uint32_t>(value >> 32), static_cast<uint32_t>(value)});
    }
    // Strings, each with its terminator.
    TreeBuilder& texts(const char* name, std::initializer_list<std::string_view> values) {
        std::string value;
        for (const std::string_view text : values) value.append(text).push_back('\0');
        return bytes(name, value);
    }
    // How `reg` is to be read in the children.
    TreeBuilder& child_cells(uint32_t address, uint32_t size) {
        return cells("#address-cells", {address}).cells("#size-cells", {size});
    }

    // Exactly the tree's bytes.
    [[nodiscard]] std::string finish() {
        check(fdt_finish(blob_.data()));
        return blob_.substr(0, fdt_totalsize(blob_.data()));
    }

  private:
    static void check(int result) {
        if (result == 0) return;
        std::fprintf(stderr, "device tree: %s\n", fdt_strerror(result));
        std::abort();
    }

    std::string blob_;
};

}  // namespace kernel
