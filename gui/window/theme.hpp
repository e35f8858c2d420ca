// SPDX-License-Identifier: Apache-2.0
// theme: the application's colours: a light and a dark palette, or what the system has.
#pragma once

#include <QPalette>

#include "gui/window/options.hpp"

namespace inspector {

// Remembers the system's palette; to be called once the application is there.
void prepare_theme();
void apply_theme(ThemeChoice choice);

[[nodiscard]] ThemeChoice remembered_theme();
void remember_theme(ThemeChoice choice);

}  // namespace inspector
