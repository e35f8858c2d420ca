// SPDX-License-Identifier: Apache-2.0
// The intrusive list.
#include "kernel/base/list.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kernel {
namespace {

struct Item {
    int number = 0;
    ListNode first;
    ListNode second;
};

using FirstList = List<Item, &Item::first>;
using SecondList = List<Item, &Item::second>;

std::vector<int> numbers(FirstList& list) {
    std::vector<int> result;
    for (Item* item = list.front(); item != nullptr; item = list.next(*item)) {
        result.push_back(item->number);
    }
    return result;
}

struct ListTest : testing::Test {
    void SetUp() override {
        for (int i = 0; i < 4; ++i) items[i].number = i;
    }
    Item items[4];
    FirstList list;
};

TEST_F(ListTest, IsEmptyAtFirst) {
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.size(), 0U);
    EXPECT_EQ(list.front(), nullptr);
    EXPECT_EQ(list.pop_front(), nullptr);
    EXPECT_FALSE(items[0].first.linked());
}

TEST_F(ListTest, KeepsTheOrderOfItsEnds) {
    for (Item& item : items) list.push_back(item);
    EXPECT_EQ(numbers(list), (std::vector{0, 1, 2, 3}));
    EXPECT_EQ(list.size(), 4U);
    EXPECT_EQ(list.pop_front(), &items[0]);
    EXPECT_EQ(numbers(list), (std::vector{1, 2, 3}));
    EXPECT_FALSE(items[0].first.linked());
    EXPECT_TRUE(items[1].first.linked());
}

TEST_F(ListTest, InsertsBeforeAnyElement) {
    list.push_back(items[3]);
    list.insert_before(items[3], items[1]);
    list.insert_before(items[1], items[0]);
    list.insert_before(items[3], items[2]);
    EXPECT_EQ(numbers(list), (std::vector{0, 1, 2, 3}));
    EXPECT_EQ(list.size(), 4U);
}

TEST_F(ListTest, RemovesFromFrontMiddleAndBack) {
    for (Item& item : items) list.push_back(item);
    list.remove(items[1]);
    EXPECT_EQ(numbers(list), (std::vector{0, 2, 3}));
    list.remove(items[3]);
    EXPECT_EQ(numbers(list), (std::vector{0, 2}));
    list.remove(items[0]);
    list.remove(items[2]);
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.size(), 0U);
    list.push_back(items[3]);
    EXPECT_EQ(numbers(list), (std::vector{3}));
}

TEST_F(ListTest, AnObjectIsOnTwoListsAtOnce) {
    SecondList other;
    for (Item& item : items) list.push_back(item);
    other.push_back(items[2]);
    other.push_back(items[0]);
    list.remove(items[2]);
    EXPECT_EQ(other.pop_front(), &items[2]);
    EXPECT_EQ(other.pop_front(), &items[0]);
    EXPECT_EQ(numbers(list), (std::vector{0, 1, 3}));
}

}  // namespace
}  // namespace kernel
