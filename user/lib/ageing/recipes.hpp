// SPDX-License-Identifier: Apache-2.0
// All recipes by name.
#pragma once

#include <string_view>

#include "user/lib/ageing/apps.hpp"
#include "user/lib/ageing/fragmentation.hpp"
#include "user/lib/ageing/published.hpp"
#include "user/lib/ageing/replay.hpp"

namespace ageing {

template <Memory M>
struct Recipe {
    std::string_view name;
    void (*run)(M& memory, const Plan& plan, const Work& work, uint32_t thread);
};

template <Memory M>
constexpr Recipe<M> recipes[] = {
    {"bulk", bulk<M>},
    {"repeat", repeat<M>},
    {"random", random<M>},
    {"filling", filling<M>},
    {"fragmentation", fragmentation<M>},
    {"apps", apps<M>},
    {"replay", replay<M>},
};

template <Memory M>
constexpr const Recipe<M>* find_recipe(std::string_view name) {
    for (const Recipe<M>& recipe : recipes<M>) {
        if (recipe.name == name) return &recipe;
    }
    return nullptr;
}

}  // namespace ageing
