// SPDX-License-Identifier: Apache-2.0
// An intrusive doubly linked list: the objects carry their own links, so that queueing never
// allocates. One ListNode member for each list that an object may be on at the same time.
#pragma once

#include <stddef.h>

namespace kernel {

struct ListNode {
    ListNode* next = nullptr;
    ListNode* previous = nullptr;

    [[nodiscard]] bool linked() const { return next != nullptr; }
};

// Safety: an object must not be destroyed while it is linked.
template <class T, ListNode T::*Member>
class List final {
  public:
    List() { clear(); }
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    void clear() { head_.next = head_.previous = &head_; }
    [[nodiscard]] bool empty() const { return head_.next == &head_; }
    [[nodiscard]] size_t size() const { return size_; }
    [[nodiscard]] T* front() { return empty() ? nullptr : object(head_.next); }

    void push_back(T& object) { insert(&head_, object); }
    void insert_before(T& position, T& object) { insert(&(position.*Member), object); }

    void remove(T& object) {
        ListNode& node = object.*Member;
        node.previous->next = node.next;
        node.next->previous = node.previous;
        node.next = node.previous = nullptr;
        --size_;
    }

    T* pop_front() {
        T* first = front();
        if (first != nullptr) remove(*first);
        return first;
    }

    // Forward iteration; the current element may be removed only through its saved successor.
    [[nodiscard]] T* next(T& current) {
        ListNode* node = (current.*Member).next;
        return node == &head_ ? nullptr : object(node);
    }

  private:
    void insert(ListNode* before, T& object) {
        ListNode& node = object.*Member;
        node.next = before;
        node.previous = before->previous;
        before->previous->next = &node;
        before->previous = &node;
        ++size_;
    }

    static T* object(ListNode* node) {
        const auto offset = reinterpret_cast<size_t>(&(static_cast<T*>(nullptr)->*Member));
        return reinterpret_cast<T*>(reinterpret_cast<char*>(node) - offset);
    }

    ListNode head_;
    size_t size_ = 0;
};

}  // namespace kernel
