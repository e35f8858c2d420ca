// SPDX-License-Identifier: Apache-2.0
// Selection: see the header.
#include "gui/run/selection.hpp"

namespace inspector {

void Selection::select(const Selected& selected) {
    if (selected == selected_) {
        return;
    }
    selected_ = selected;
    emit changed(selected_);
}

}  // namespace inspector
