// SPDX-License-Identifier: Apache-2.0
// JSON as tests write it.
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace inspector::test {

inline QJsonDocument json(const char* text) {
    return QJsonDocument::fromJson(text);
}

}  // namespace inspector::test
