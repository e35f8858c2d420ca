// SPDX-License-Identifier: Apache-2.0
// export: what a panel shows, as a file or for the clipboard. Each says in a sentence what went
// wrong; empty: nothing did.
#pragma once

#include <QString>

namespace inspector {

class Panel;

// The form follows from the ending: png, svg, csv or txt.
[[nodiscard]] QString export_panel(Panel& panel, const QString& path);

[[nodiscard]] QString copy_picture(Panel& panel);
[[nodiscard]] QString copy_text(const Panel& panel);
[[nodiscard]] QString copy_csv(const Panel& panel);

}  // namespace inspector
