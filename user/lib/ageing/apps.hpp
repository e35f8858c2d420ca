// SPDX-License-Identifier: Apache-2.0
// Apps that are launched, used and killed. Modelled: no phone was measured for these figures.
//
// Each thread launches apps of three sizes. An app consists of single pages for the most part, some
// blocks of 64 KiB (graphics buffers), some of 2 MiB (huge pages), and unmovable memory: page
// tables and stacks of the kernel. When the thread's share of memory would be filled above the
// plan's level, the app that was launched longest ago is killed, as a phone ends cached apps; now
// and then the user ends one. Between launches those that live give some pages back and take
// others. A round is one launch.
#pragma once

#include "user/lib/ageing/recipe.hpp"

namespace ageing {

struct AppClass {
    uint32_t share;   // of the thread's memory: one of so many parts
    uint32_t weight;  // of all launches, in percent
};
// A messenger, a browser tab, a game.
constexpr AppClass app_classes[] = {{40, 55}, {16, 30}, {6, 15}};

// Of an app's frames, in percent; what is left is single movable pages.
struct AppPart {
    uint32_t percent;
    uint32_t order;
    Mobility mobility;
};
constexpr AppPart app_parts[] = {
    {2, 0, Mobility::Unmovable},  // page tables, objects of the kernel
    {1, 2, Mobility::Unmovable},  // kernel stacks
    {12, 4, Mobility::Movable},   // buffers
    {20, 9, Mobility::Movable},   // huge pages
};
constexpr uint32_t app_churn = 5;      // percent of an app's blocks renewed at each launch
constexpr uint32_t app_user_end = 10;  // percent of launches after which the user ends an app
constexpr uint32_t most_apps = 64;     // of a thread

// The apps of one thread. Slots form lists: the free ones, and those of each app.
class Apps final {
  public:
    Apps(const Plan& plan, const Work& work, uint32_t thread)
        : work_(work),
          first_(work.first_of(plan, thread)),
          frames_(plan.frames_of_thread()),
          limit_(percent_of(frames_, plan.fill)),
          random_(plan.seed, thread) {
        for (uint32_t i = 0; i < frames_; ++i) work_.slots[first_ + i] = i + 1;
    }

    template <Memory M>
    void launch(M& memory) {
        const uint32_t size = draw_size();
        while (count_ != 0 && (used_ + size > limit_ || count_ == most_apps)) kill(memory, 0);
        if (used_ + size > limit_) return;
        App& app = apps_[count_++];
        app = {};
        uint32_t left = size;
        for (const AppPart& part : app_parts) {
            for (uint32_t n = percent_of(size, part.percent) >> part.order; n != 0; --n) {
                add(memory, app, part.order, part.mobility);
                left -= 1U << part.order;
            }
        }
        for (; left != 0; --left) add(memory, app, 0, Mobility::Movable);
    }
    template <Memory M>
    void live(M& memory) {
        for (uint32_t i = 0; i < count_; ++i) churn(memory, apps_[i]);
        if (count_ != 0 && random_.below(100) < app_user_end) kill(memory, random_.below(count_));
    }

  private:
    static constexpr uint32_t none = 0xffff'ffff;
    // Bits of Work::orders beside the order.
    static constexpr uint8_t unmovable = 0x80;
    struct App {
        uint32_t head = none;
        uint32_t frames = 0;
    };

    uint32_t draw_size() {
        uint32_t at = random_.below(100);
        const AppClass* found = app_classes;
        while (at >= found->weight) at -= (found++)->weight;
        const uint32_t usual = frames_ / found->share;
        // Half as much again or less, evenly.
        return usual / 2 + random_.below(usual + 1);
    }
    template <Memory M>
    void add(M& memory, App& app, uint32_t order, Mobility mobility) {
        const uint32_t slot = free_;
        uint32_t& next = work_.slots[first_ + slot];
        free_ = next;
        next = app.head;
        app.head = slot;
        const uint8_t mark = mobility == Mobility::Unmovable ? unmovable : 0;
        work_.orders[first_ + slot] = static_cast<uint8_t>(order | mark);
        app.frames += 1U << order;
        used_ += 1U << order;
        memory.allocate(first_ + slot, order, mobility);
    }
    template <Memory M>
    void kill(M& memory, uint32_t which) {
        const App ended = apps_[which];
        for (uint32_t slot = ended.head; slot != none;) {
            memory.free(first_ + slot, work_.orders[first_ + slot] & 0x0fU);
            uint32_t& next = work_.slots[first_ + slot];
            const uint32_t following = next;
            next = free_;
            free_ = slot;
            slot = following;
        }
        used_ -= ended.frames;
        for (uint32_t i = which + 1; i < count_; ++i) apps_[i - 1] = apps_[i];
        --count_;
    }
    template <Memory M>
    void churn(M& memory, const App& app) {
        for (uint32_t slot = app.head; slot != none; slot = work_.slots[first_ + slot]) {
            if (random_.below(100) >= app_churn) continue;
            const uint8_t mark = work_.orders[first_ + slot];
            const uint32_t order = mark & 0x0fU;
            memory.free(first_ + slot, order);
            memory.allocate(first_ + slot, order,
                            (mark & unmovable) != 0 ? Mobility::Unmovable : Mobility::Movable);
        }
    }

    Work work_;
    uint32_t first_;
    uint32_t frames_;
    uint32_t limit_;
    Random random_;
    App apps_[most_apps];
    uint32_t count_ = 0;
    uint32_t used_ = 0;
    uint32_t free_ = 0;
};

template <Memory M>
void apps(M& memory, const Plan& plan, const Work& work, uint32_t thread) {
    Apps own(plan, work, thread);
    pause(memory);
    for (uint32_t round = 0; round < plan.rounds; ++round) {
        memory.measure(true);
        own.launch(memory);
        own.live(memory);
        memory.measure(false);
        pause(memory);
    }
}

}  // namespace ageing
