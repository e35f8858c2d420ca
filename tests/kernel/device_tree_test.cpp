// SPDX-License-Identifier: Apache-2.0
// The reader of device trees, on trees that libfdt made.
#include "kernel/boot/device_tree.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/tree_builder.hpp"
#include "tests/user/archive_builder.hpp"

namespace kernel {
namespace {

using user::ExactBytes;

// A tree of several levels. Cells for children are those of each node's parent, 2 and 1 by default.
std::string sample(const TreeBuilder::Reservations& reservations = {}) {
    TreeBuilder tree(reservations);
    tree.begin("").texts("model", {"a sample"}).child_cells(2, 2);
    tree.begin("wide@1")
        .cells("reg", {0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8})
        .cells("phandle", {11})
        .child_cells(1, 0);
    tree.begin("narrow@7").cells("reg", {7, 8, 9}).cells("phandle", {12}).end();
    tree.end();
    tree.begin("silent").texts("compatible", {"vendor,one", "vendor,two"});
    tree.begin("child").cells("reg", {0x1, 0x2, 0x3, 0x4}).end();
    tree.end();
    tree.begin("none").child_cells(0, 0).begin("child").cells("reg", {1, 2}).end().end();
    tree.begin("huge").child_cells(3, 2).begin("child").cells("reg", {1, 2, 3, 4, 5}).end().end();
    tree.begin("twin").bytes("empty", "").end();
    tree.begin("twin2").begin("child").texts("model", {"inner"}).end().end();
    return tree.end().finish();
}

struct DeviceTreeTest : testing::Test {
    void open(const std::string& text) {
        bytes.emplace(text);
        ASSERT_EQ(tree.open(bytes->span().data(), bytes->span().size()), Status::Ok);
    }
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        tree.for_each_node([&](const DeviceTree::Node& node, std::string_view name) {
            result.push_back(std::to_string(node.depth) + std::string(name));
            return true;
        });
        return result;
    }
    // The pair at `index` of a node's `reg`, as text.
    std::string reg(const char* path, uint32_t index) const {
        uint64_t address = 0;
        uint64_t size = 0;
        if (!tree.reg(tree.find_path(path), index, address, size)) return "none";
        char text[64];
        std::snprintf(text, sizeof text, "%llx+%llx", static_cast<unsigned long long>(address),
                      static_cast<unsigned long long>(size));
        return text;
    }

    std::optional<ExactBytes> bytes;
    DeviceTree tree;
};

TEST_F(DeviceTreeTest, VisitsEveryNodeParentsFirst) {
    open(sample());
    EXPECT_EQ(names(),
              (std::vector<std::string>{"1", "2wide@1", "3narrow@7", "2silent", "3child", "2none",
                                        "3child", "2huge", "3child", "2twin", "2twin2", "3child"}));
    unsigned visited = 0;
    tree.for_each_node([&](const DeviceTree::Node&, std::string_view) { return ++visited < 3; });
    EXPECT_EQ(visited, 3U);
    EXPECT_EQ(tree.total_size(), sample().size());
}

TEST_F(DeviceTreeTest, ReadsRegByTheCellsOfTheParent) {
    open(sample());
    EXPECT_EQ(reg("/wide@1", 0), "100000002+300000004");
    EXPECT_EQ(reg("/wide@1", 1), "500000006+700000008");
    EXPECT_EQ(reg("/wide@1", 2), "none");
    EXPECT_EQ(reg("/wide@1/narrow@7", 0), "7+0");
    EXPECT_EQ(reg("/wide@1/narrow@7", 2), "9+0");
    EXPECT_EQ(reg("/wide@1/narrow@7", 3), "none");
    EXPECT_EQ(reg("/silent/child", 0), "100000002+3");  // the default: two cells and one
    EXPECT_EQ(reg("/silent/child", 1), "none");
    EXPECT_EQ(reg("/none/child", 0), "none");
    EXPECT_EQ(reg("/huge/child", 0), "none");  // numbers of three cells are not read
    EXPECT_EQ(reg("/twin", 0), "none");
}

TEST_F(DeviceTreeTest, FindsNodesByPath) {
    open(sample());
    EXPECT_EQ(tree.name(tree.find_path("/wide@1/narrow@7")), "narrow@7");
    EXPECT_EQ(tree.property(tree.find_path("/"), "model").text(), "a sample");
    EXPECT_EQ(tree.property(tree.find_path("/twin2/child"), "model").text(), "inner");
    EXPECT_TRUE(tree.find_path("/twin2/child/").valid());
    for (const char* path : {"/wide", "/narrow@7", "/twin/child", "/wide@1/narrow@7/x", "/twi",
                             "/silent/child/child", "/wide@1/child"}) {
        EXPECT_FALSE(tree.find_path(path).valid()) << path;
    }
}

TEST_F(DeviceTreeTest, FindsNodesByHandleAndCompatible) {
    open(sample());
    EXPECT_EQ(tree.name(tree.find_handle(12)), "narrow@7");
    EXPECT_EQ(tree.name(tree.find_handle(11)), "wide@1");
    EXPECT_FALSE(tree.find_handle(0).valid());
    EXPECT_FALSE(tree.find_handle(13).valid());
    EXPECT_EQ(tree.name(tree.find_compatible("vendor,one")), "silent");
    EXPECT_EQ(tree.name(tree.find_compatible("vendor,two")), "silent");
    for (const char* text : {"vendor", "vendor,on", "vendor,one2", ""}) {
        EXPECT_FALSE(tree.find_compatible(text).valid()) << text;
    }
}

TEST_F(DeviceTreeTest, TellsAnEmptyPropertyFromNone) {
    open(sample());
    const DeviceTree::Node twin = tree.find_path("/twin");
    EXPECT_TRUE(tree.property(twin, "empty").present());
    EXPECT_EQ(tree.property(twin, "empty").size, 0U);
    EXPECT_FALSE(tree.property(twin, "reg").present());
    // The properties of a child are not the parent's.
    EXPECT_FALSE(tree.property(tree.find_path("/twin2"), "model").present());
    EXPECT_FALSE(tree.property({}, "model").present());
}

TEST_F(DeviceTreeTest, PassesOverWhatWasTakenOut) {
    std::string text = sample();
    const auto find = [&text](const char* path) { return fdt_path_offset(text.data(), path); };
    ASSERT_EQ(fdt_nop_property(text.data(), find("/wide@1"), "reg"), 0);
    ASSERT_EQ(fdt_nop_node(text.data(), find("/none")), 0);
    ASSERT_EQ(fdt_nop_node(text.data(), find("/twin2/child")), 0);
    open(text);
    EXPECT_EQ(reg("/wide@1", 0), "none");
    EXPECT_EQ(tree.property(tree.find_path("/wide@1"), "phandle").cell(0), 11U);
    EXPECT_EQ(reg("/wide@1/narrow@7", 0), "7+0");
    EXPECT_FALSE(tree.find_path("/none").valid());
    EXPECT_TRUE(tree.find_path("/huge").valid());
    EXPECT_FALSE(tree.find_path("/twin2/child").valid());
    EXPECT_EQ(names().size(), 9U);
}

TEST_F(DeviceTreeTest, ReadsTheReservations) {
    open(sample({{0x1'2345'6789, 0x1000}, {0x8000'0000, 0x2'0000'0000}}));
    uint64_t address = 0;
    uint64_t size = 0;
    ASSERT_TRUE(tree.reservation(0, address, size));
    EXPECT_EQ(address, 0x1'2345'6789U);
    EXPECT_EQ(size, 0x1000U);
    ASSERT_TRUE(tree.reservation(1, address, size));
    EXPECT_EQ(address, 0x8000'0000U);
    EXPECT_EQ(size, 0x2'0000'0000U);
    EXPECT_FALSE(tree.reservation(2, address, size));
    open(sample());
    EXPECT_FALSE(tree.reservation(0, address, size));
    EXPECT_FALSE(tree.reservation(0xffff'ffff, address, size));
}

TEST_F(DeviceTreeTest, MayLieInALargerBuffer) {
    bytes.emplace(sample() + std::string(1000, '\xff'));
    EXPECT_EQ(tree.open(bytes->span().data(), bytes->span().size()), Status::Ok);
    EXPECT_EQ(tree.total_size(), sample().size());
    EXPECT_EQ(names().size(), 12U);
}

TEST_F(DeviceTreeTest, RefusesTreesThatAreTooDeep) {
    for (const unsigned depth : {16U, 17U, 100U}) {
        TreeBuilder builder;
        for (unsigned i = 0; i < depth; ++i) builder.begin(i == 0 ? "" : "n");
        for (unsigned i = 0; i < depth; ++i) builder.end();
        const ExactBytes deep(builder.finish());
        EXPECT_EQ(tree.open(deep.span().data(), deep.span().size()),
                  depth <= 16 ? Status::Ok : Status::BadImage);
    }
}

// Values of properties, without a tree.

TEST(Property, ReadsCellsWithinItsBounds) {
    const ExactBytes bytes(std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a", 10));
    const Property value{bytes.span().data(), 10};
    EXPECT_EQ(value.cell(0), 0x01020304U);
    EXPECT_EQ(value.cell(1), 0x05060708U);
    EXPECT_EQ(value.cell(2), 0U);
    EXPECT_EQ(value.cell(0xffff'ffff), 0U);
    EXPECT_EQ(value.number(), 0x0102'0304'0506'0708U);
    EXPECT_EQ(value.number(1, 2), 0x0506'0708'0000'0000U);
    EXPECT_EQ(value.number(0, 0), 0U);
    EXPECT_EQ((Property{bytes.span().data(), 4}).number(), 0x01020304U);
    EXPECT_EQ(Property{}.number(), 0U);
}

TEST(Property, ReadsTextWithAndWithoutItsEnd) {
    const ExactBytes bytes(std::string("one\0two\0three", 13));
    const Property value{bytes.span().data(), 13};
    EXPECT_EQ(value.text(), "one");
    EXPECT_TRUE(value.lists("one"));
    EXPECT_TRUE(value.lists("two"));
    EXPECT_TRUE(value.lists("three"));
    EXPECT_FALSE(value.lists("thre"));
    EXPECT_FALSE(value.lists("wo"));
    EXPECT_FALSE(value.lists(""));
    EXPECT_EQ((Property{bytes.span().data() + 8, 5}).text(), "three");
    EXPECT_EQ(Property{}.text(), "");
    EXPECT_FALSE(Property{}.lists("one"));
}

}  // namespace
}  // namespace kernel
