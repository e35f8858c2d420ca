// SPDX-License-Identifier: Apache-2.0
// Policy: who of one CPU's threads runs next, and for how long. One object for each CPU; its user
// holds a lock around every call. A policy knows no clock and no CPU: it is told the time.
//
// An entity is a member from join() to leave(). A member is queued, or it is the one that runs.
//
//        join          queue              take           charge ...
//   ( ) ------> member ------> queued ----------> running ----------+
//    ^            |  ^           | remove                            |
//    +--- leave --+  +-----------+---------------- queue ------------+
#pragma once

#include "kernel/schedule/policies/entity.hpp"

namespace kernel {

enum class Arrival : uint32_t {
    New,       // has never run
    Woken,     // waited for something
    Migrated,  // came from another CPU, or from another class, or with other parameters
};

// Where a woken thread would best run, among idle CPUs.
enum class Placement : uint32_t {
    Near,     // where it ran last
    Capable,  // the fastest
    Thrifty,  // the slowest
};

class Policy {
  public:
    [[nodiscard]] virtual const char* name() const = 0;

    virtual void join(Entity& entity, uint64_t now, Arrival arrival) = 0;
    // Precondition: not queued.
    virtual void leave(Entity& entity, uint64_t now) = 0;

    virtual void queue(Entity& entity) = 0;
    // The one that is to run now, no longer queued; null when none is queued.
    [[nodiscard]] virtual Entity* take() = 0;
    virtual void remove(Entity& entity) = 0;
    // A member runs next without having been queued.
    virtual void start(Entity&) {}
    // The best that may run on `cpu`, no longer queued.
    [[nodiscard]] virtual Entity* steal_for(unsigned cpu) = 0;
    // Queued ones.
    [[nodiscard]] virtual size_t size() const = 0;

    // The member that runs has done so for that long since it was taken or last charged.
    virtual void charge(Entity& running, uint64_t ticks) = 0;
    // How long it may go on while others are queued. 0: its turn is over.
    [[nodiscard]] virtual uint64_t slice(Entity& running) = 0;
    // It begins to wait for something; leave() follows.
    virtual void block(Entity&) {}
    // It gives up its turn.
    virtual void yield(Entity& running) = 0;
    // Whether a queued member that has just come is to run in its place at once.
    [[nodiscard]] virtual bool preempts(const Entity& queued, const Entity& running) const = 0;

    [[nodiscard]] virtual Placement placement(const Entity&) const { return Placement::Near; }

  protected:
    ~Policy() = default;
};

// The unit of all durations that policies are made with.
struct TickRate {
    uint64_t frequency;  // Hz

    [[nodiscard]] constexpr uint64_t microseconds(uint64_t count) const {
        return count * frequency / 1'000'000;
    }
};

}  // namespace kernel
