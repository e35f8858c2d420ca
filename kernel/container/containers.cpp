// SPDX-License-Identifier: Apache-2.0
// Containers: the tree, names, states.
#include "kernel/container/containers.hpp"

#include "hal/machine.hpp"
#include "kernel/base/text.hpp"
#include "kernel/memory/kernel_heap.hpp"

namespace kernel {

using abi::ContainerEventKind;
using abi::ContainerState;
using hal::Machine;

void Containers::set_up(KernelHeap& heap) {
    heap_ = &heap;
    boot_ = Machine::counter();
    Container& root = table_[0];
    root.id = next_id_++;
    root.descendants_max = abi::max_containers - 1;
    root.state = ContainerState::Running;
    copy_text(root.name, "root");
    count_ = 1;
    for (unsigned slot = 0; slot < abi::max_containers; ++slot) table_[slot].slot = slot;
    show(root);
}

Container* Containers::find(uint64_t id) {
    for (Container& each : table_) {
        if (each.id == id && id != 0) return &each;
    }
    return nullptr;
}

Container* Containers::next_child(const Container& of, uint64_t after) {
    Container* next = nullptr;
    for (Container& each : table_) {
        if (each.id == 0 || each.parent != &of || each.id <= after) continue;
        if (next == nullptr || each.id < next->id) next = &each;
    }
    return next;
}

bool Containers::is_name_taken(const Container& parent, std::string_view name) const {
    for (const Container& each : table_) {
        if (each.id != 0 && each.parent == &parent && name == each.name) return true;
    }
    return false;
}

Result<Container*> Containers::create(Container& parent, std::string_view name,
                                      const abi::ContainerArguments& arguments) {
    if (name.empty() || name.size() >= abi::container_name_size) return Status::InvalidArgument;
    for (const char letter : name) {
        if (letter <= ' ' || letter == '/' || letter == '\x7f') return Status::InvalidArgument;
    }
    for (uint32_t i = 0; i < abi::container_limit_count; ++i) {
        const auto limit = static_cast<abi::ContainerLimit>(i);
        if (arguments.limits[i] != 0) TRY_STATUS(check_limit(limit, arguments.limits[i]));
    }
    if (parent.is_ending || is_name_taken(parent, name)) return Status::Busy;
    if (parent.depth + 1 >= abi::max_container_depth) return Status::LimitReached;
    for (const Container* at = &parent; at != nullptr; at = at->parent) {
        if (at->descendants >= at->descendants_max) return Status::LimitReached;
    }
    Container* place = nullptr;
    for (Container& each : table_) {
        if (each.id == 0 && place == nullptr) place = &each;
    }
    if (place == nullptr) return Status::LimitReached;
    MemoryDomain* domain = TRY(MemoryDomain::create(*heap_, parent.domain));

    const unsigned slot = place->slot;
    place->~Container();
    Container& container = *new (place) Container;
    container.slot = slot;
    container.id = next_id_++;
    container.parent = &parent;
    container.depth = parent.depth + 1;
    container.paused = parent.paused;
    container.domain = domain;
    copy_text(container.name, name);
    for (uint32_t i = 0; i < abi::container_limit_count; ++i) {
        if (arguments.limits[i] == 0) continue;
        set_limit(container, static_cast<abi::ContainerLimit>(i), arguments.limits[i]);
    }
    for (Container* at = &parent; at != nullptr; at = at->parent) ++at->descendants;
    ++count_;
    trace_.put_words(abi::TraceType::ContainerName, container.id, container.name);
    enter(container, ContainerState::Creating);
    add_live(container);
    return &container;
}

void Containers::created(Container& container) {
    enter(container, ContainerState::Created);
    post(container, ContainerEventKind::Created);
    remove_live(container);
}

void Containers::started(Container& container, uint32_t process) {
    enter(container, ContainerState::Running);
    post(container, ContainerEventKind::Started, process);
}

void Containers::remove(Container& container) {
    if (container.state == ContainerState::Creating) remove_live(container);
    for (Container* at = container.parent; at != nullptr; at = at->parent) --at->descendants;
    container.domain->release(*heap_);
    container.domain = nullptr;
    if (container.audit != nullptr) AuditLog::destroy(*heap_, container.audit);
    container.audit = nullptr;
    if (container.events != nullptr) {
        container.events->bind(nullptr);
        heap_->destroy(container.events);
        container.events = nullptr;
    }
    enter(container, ContainerState::None);
    shown_[container.slot] = abi::ContainerInfo{};
    container.id = 0;
    container.parent = nullptr;
    --count_;
}

void Containers::enter(Container& container, ContainerState state) {
    container.state = state;
    trace_.put(abi::TraceType::ContainerState, 0, container.id, static_cast<uint64_t>(state));
    show(container);
}

void Containers::add_live(Container& container) {
    for (Container* at = &container; at != nullptr; at = at->parent) {
        ++at->live;
        show(*at);
    }
}

void Containers::remove_live(Container& container) {
    for (Container* at = &container; at != nullptr; at = at->parent) --at->live;
    for (Container* at = &container; at != nullptr; at = at->parent) {
        settle(*at);
        show(*at);
    }
}

// Stopped, once it ends and nothing of it is left.
void Containers::settle(Container& container) {
    if (!container.is_ending || container.live != 0) return;
    if (container.state == ContainerState::Stopped) return;
    enter(container, ContainerState::Stopped);
    post(container, ContainerEventKind::Stopped);
}

AuditLog* Container::audit_log() const {
    for (const Container* at = this; at != nullptr; at = at->parent) {
        if (at->audit != nullptr && at->audit->mode() != 0) return at->audit;
    }
    return nullptr;
}

void Containers::begin_end(Container& container) {
    for (Container& each : table_) {
        if (each.id == 0 || !container.contains(each)) continue;
        each.is_ending = true;
        settle(each);
    }
}

void Containers::pause(Container& container) {
    if (container.is_paused) return;
    container.is_paused = true;
    change_paused(container, true);
    post(container, ContainerEventKind::Paused);
}

void Containers::resume(Container& container) {
    if (!container.is_paused) return;
    container.is_paused = false;
    change_paused(container, false);
    post(container, ContainerEventKind::Resumed);
}

void Containers::change_paused(Container& container, bool pauses) {
    for (Container& each : table_) {
        if (each.id == 0 || !container.contains(each)) continue;
        each.paused += pauses ? 1U : ~0U;
        show(each);
    }
}

}  // namespace kernel
