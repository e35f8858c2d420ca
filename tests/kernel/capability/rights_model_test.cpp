// SPDX-License-Identifier: Apache-2.0
// Random operations on rights against a model that keeps every right there ever was, with the
// tree's invariants looked at throughout.
#include <gtest/gtest.h>

#include <random>
#include <unordered_map>
#include <vector>

#include "tests/kernel/capability/right_rig.hpp"

namespace kernel {
namespace {

constexpr unsigned table_count = 4;
constexpr unsigned slot_count = 12;
constexpr unsigned steps = 1'200'000;

class RightsModel : public RightRig {
  public:
    void run(uint64_t seed);

  private:
    // What the model knows of a right. Those that are gone stay as long as something came of them.
    struct Known {
        Right* right;  // null: gone
        int parent;    // index, or -1
        int children;
        uint32_t mask;
        uint64_t expires_at;
        uint32_t name;  // in `table`
        int table;      // -1: in a message
        unsigned slot;
    };

    unsigned random(unsigned below) { return static_cast<unsigned>(generator_() % below); }
    int pick() { return live_.empty() ? -1 : live_[random(static_cast<unsigned>(live_.size()))]; }

    int add_known(Right* right, int parent);
    void forget_dead(int index);
    void gone(int index);
    bool is_below(int index, int ancestor) const;
    bool is_being_revoked(int index) const;

    void create();
    void copy();
    void close();
    void send();
    void receive();
    void start_revocation();
    void continue_revocation();
    void look();
    void check();
    void check_node(const Right& right) const;
    void expect_child_links(const Right& right) const;

    std::mt19937_64 generator_;
    RightTable tables_[table_count];
    Right* slots_[slot_count] = {};
    std::vector<Known> known_;
    std::vector<int> free_;
    std::vector<int> live_;
    std::vector<int> position_;  // of each known one in live_
    std::unordered_map<const Right*, int> index_of_;
    int revoked_ = -1;
    uint64_t now_ = 0;
};

int RightsModel::add_known(Right* right, int parent) {
    int index = static_cast<int>(known_.size());
    if (free_.empty()) {
        known_.push_back({});
        position_.push_back(0);
    } else {
        index = free_.back();
        free_.pop_back();
    }
    known_[static_cast<size_t>(index)] = {right, parent, 0, right->mask, right->expires_at,
                                          0,     0,      0};
    if (parent >= 0) ++known_[static_cast<size_t>(parent)].children;
    position_[static_cast<size_t>(index)] = static_cast<int>(live_.size());
    live_.push_back(index);
    index_of_[right] = index;
    return index;
}

void RightsModel::forget_dead(int index) {
    while (index >= 0) {
        const Known& known = known_[static_cast<size_t>(index)];
        if (known.right != nullptr || known.children != 0) return;
        free_.push_back(index);
        const int parent = known.parent;
        if (parent >= 0) --known_[static_cast<size_t>(parent)].children;
        index = parent;
    }
}

void RightsModel::gone(int index) {
    Known& known = known_[static_cast<size_t>(index)];
    index_of_.erase(known.right);
    known.right = nullptr;
    const int last = live_.back();
    live_[static_cast<size_t>(position_[static_cast<size_t>(index)])] = last;
    position_[static_cast<size_t>(last)] = position_[static_cast<size_t>(index)];
    live_.pop_back();
    if (revoked_ == index) revoked_ = -1;
    forget_dead(index);
}

bool RightsModel::is_below(int index, int ancestor) const {
    for (int at = known_[static_cast<size_t>(index)].parent; at >= 0;
         at = known_[static_cast<size_t>(at)].parent) {
        if (at == ancestor) return true;
    }
    return false;
}

bool RightsModel::is_being_revoked(int index) const {
    return revoked_ >= 0 && (index == revoked_ || is_below(index, revoked_));
}

void RightsModel::create() {
    if (live_.size() > 3000) return;
    Right* right = make(~0U, random(8) == 0 ? now_ + random(5000) : Right::never);
    const unsigned table = random(table_count);
    const int index = add_known(right, -1);
    known_[static_cast<size_t>(index)].table = static_cast<int>(table);
    known_[static_cast<size_t>(index)].name = add(tables_[table], *right);
}

void RightsModel::copy() {
    const int from = pick();
    if (from < 0 || live_.size() > 3000) return;
    const Known parent = known_[static_cast<size_t>(from)];
    const Status status = RightTree::check_derivation(*parent.right);
    unsigned alive = 0;
    unsigned all = 0;
    for (int at = from; at >= 0; at = known_[static_cast<size_t>(at)].parent) {
        alive += known_[static_cast<size_t>(at)].right != nullptr ? 1 : 0;
        ++all;
    }
    if ((parent.mask & abi::RightDuplicate) == 0) {
        ASSERT_EQ(status, Status::PermissionDenied);
    } else if (is_being_revoked(from)) {
        ASSERT_TRUE(status == Status::Busy || all >= RightTree::deepest);
    } else if (status == Status::LimitReached) {
        ASSERT_GE(all, RightTree::deepest);
    } else {
        ASSERT_EQ(status, Status::Ok);
        ASSERT_LT(alive, RightTree::deepest);
    }
    if (status != Status::Ok) return;
    const uint32_t mask = random(6) == 0 ? static_cast<uint32_t>(generator_()) : ~0U;
    const uint64_t expires_at = random(6) == 0 ? now_ + random(5000) : Right::never;
    Right* right = derive(*parent.right, mask, expires_at);
    ASSERT_EQ(right->mask, parent.mask & mask);
    ASSERT_EQ(right->expires_at, std::min(expires_at, parent.expires_at));
    const unsigned table = random(table_count);
    const int index = add_known(right, from);
    known_[static_cast<size_t>(index)].table = static_cast<int>(table);
    known_[static_cast<size_t>(index)].name = add(tables_[table], *right);
}

void RightsModel::close() {
    const int index = pick();
    if (index < 0 || index == revoked_) return;
    const Known known = known_[static_cast<size_t>(index)];
    const DroppedRight dropped = drop(*known.right);
    ASSERT_EQ(dropped.object, this);
    ASSERT_EQ(dropped.mask, known.mask);
    if (known.table >= 0) {
        ASSERT_EQ(tables_[known.table].find(known.name), nullptr);
    } else {
        ASSERT_EQ(slots_[known.slot], nullptr);
    }
    gone(index);
}

void RightsModel::send() {
    const int index = pick();
    const unsigned slot = random(slot_count);
    if (index < 0 || slots_[slot] != nullptr) return;
    Known& known = known_[static_cast<size_t>(index)];
    if (known.table < 0 || index == revoked_) return;
    move_to_message(*known.right, slots_[slot]);
    ASSERT_EQ(tables_[known.table].find(known.name), nullptr);
    known.table = -1;
    known.slot = slot;
}

void RightsModel::receive() {
    const unsigned slot = random(slot_count);
    if (slots_[slot] == nullptr) return;
    Known& known = known_[static_cast<size_t>(index_of_.at(slots_[slot]))];
    ASSERT_EQ(known.slot, slot);
    const unsigned table = random(table_count);
    if (tables_[table].is_full()) grow(tables_[table]);
    known.name = move_to_table(slots_[slot], tables_[table]);
    known.table = static_cast<int>(table);
    ASSERT_EQ(slots_[slot], nullptr);
}

void RightsModel::start_revocation() {
    const int index = pick();
    if (index < 0 || revoked_ >= 0) return;
    const Known& known = known_[static_cast<size_t>(index)];
    const Status status = begin_revocation(*known.right);
    ASSERT_EQ(status == Status::Ok, (known.mask & abi::RightRevoke) != 0);
    if (status == Status::Ok) revoked_ = index;
}

void RightsModel::continue_revocation() {
    if (revoked_ < 0) return;
    Right& root = *known_[static_cast<size_t>(revoked_)].right;
    const Right* leaf = RightTree::leaf_below(root);
    if (leaf != nullptr) {
        const int index = index_of_.at(leaf);  // a leaf is never a closed node
        ASSERT_TRUE(is_below(index, revoked_));
        DroppedRight dropped;
        ASSERT_TRUE(revoke_step(root, dropped));
        release(dropped);
        return gone(index);
    }
    DroppedRight none;
    ASSERT_FALSE(revoke_step(root, none));
    for (const int index : live_) ASSERT_FALSE(is_below(index, revoked_));
    end_revocation(root);
    revoked_ = -1;
}

void RightsModel::look() {
    const int index = pick();
    if (index < 0) return;
    const Known& known = known_[static_cast<size_t>(index)];
    if (known.table < 0) return;
    const Result<Right*> found = find_right(tables_[known.table], known.name, now_);
    if (now_ >= known.expires_at && known.expires_at != Right::never) {
        ASSERT_EQ(found.status(), Status::NotFound);
    } else {
        ASSERT_EQ(found.value(), known.right);
    }
    const auto forged = static_cast<uint32_t>(generator_());
    const Right* other = tables_[known.table].find(forged);
    if (other != nullptr) ASSERT_EQ(other->name, forged);
}

void RightsModel::expect_child_links(const Right& right) const {
    const Right* before = nullptr;
    unsigned children = 0;
    for (const Right* child = right.first_child; child != nullptr; child = child->next_sibling) {
        ASSERT_EQ(child->parent, &right);
        ASSERT_EQ(child->previous_sibling, before);
        ASSERT_EQ(child->mask & ~right.mask, 0U);
        ASSERT_LE(child->expires_at, right.expires_at);
        before = child;
        ++children;
    }
    if (right.place == RightPlace::Closed) ASSERT_GE(children, 2U);
}

void RightsModel::check_node(const Right& right) const {
    expect_child_links(right);
    if (right.place == RightPlace::Closed) {
        ASSERT_EQ(index_of_.count(&right), 0U);
        return;
    }
    const int index = index_of_.at(&right);
    const Known& known = known_[static_cast<size_t>(index)];
    ASSERT_EQ(known.table >= 0 ? RightPlace::Table : RightPlace::Message, right.place);
    // The parent is the nearest right above that is not gone, or a closed node below that one.
    const Right* above = right.parent;
    while (above != nullptr && above->place == RightPlace::Closed) above = above->parent;
    if (above != nullptr) ASSERT_TRUE(is_below(index, index_of_.at(above)));
    int parent = known.parent;
    while (parent >= 0 && known_[static_cast<size_t>(parent)].right == nullptr) {
        parent = known_[static_cast<size_t>(parent)].parent;
    }
    ASSERT_EQ(above, parent >= 0 ? known_[static_cast<size_t>(parent)].right : nullptr);
}

void RightsModel::check() {
    size_t in_tables = 0;
    size_t in_messages = 0;
    size_t closed = 0;
    for (const RightTable& table : tables_) in_tables += table.size();
    for (Right* right : slots_) in_messages += right != nullptr ? 1 : 0;
    for (const Right* right : nodes) {
        ASSERT_NO_FATAL_FAILURE(check_node(*right));
        closed += right->place == RightPlace::Closed ? 1 : 0;
    }
    ASSERT_EQ(in_tables + in_messages, live_.size());
    ASSERT_EQ(nodes.size(), live_.size() + closed);
    ASSERT_TRUE(closed == 0 || closed < live_.size());
}

void RightsModel::run(uint64_t seed) {
    generator_.seed(seed);
    for (unsigned step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
        now_ += random(3);
        // Phases in which more is made than goes, and the other way round.
        const bool growing = step / 4096 % 2 == 0;
        switch (random(16)) {
            case 0: create(); break;
            case 1:
            case 2:
            case 3: growing ? copy() : close(); break;
            case 4: copy(); break;
            case 5: close(); break;
            case 6:
            case 7: send(); break;
            case 8:
            case 9: receive(); break;
            case 10: start_revocation(); break;
            case 11:
            case 12:
            case 13: continue_revocation(); break;
            default: look(); break;
        }
        if (step % 2048 == 0) check();
    }
    check();
    while (!live_.empty()) {
        Right& right = *known_[static_cast<size_t>(live_.back())].right;
        drop(right);
        gone(live_.back());
    }
    EXPECT_TRUE(nodes.empty());
    EXPECT_EQ(free_.size(), known_.size());
}

TEST(RightsModelTest, AMillionRandomOperationsAgreeWithTheModel) {
    RightsModel model;
    model.run(5);
}

}  // namespace
}  // namespace kernel
