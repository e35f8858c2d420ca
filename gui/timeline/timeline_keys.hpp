// SPDX-License-Identifier: Apache-2.0
// timeline_keys: the timeline's keys and mouse, in words, as the window's list of keys shows them.
#pragma once

#include <QList>
#include <QString>

namespace inspector {

struct KeyHelp {
    QString keys;
    QString what;
};

[[nodiscard]] QList<KeyHelp> timeline_keys();

}  // namespace inspector
