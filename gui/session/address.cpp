// SPDX-License-Identifier: Apache-2.0
// Addresses of a session: see the header.
#include "gui/session/address.hpp"

#include <QFileInfo>

namespace inspector {
namespace {

QString without_brackets(const QString& host) {
    const bool has_brackets = host.startsWith('[') && host.endsWith(']');
    return has_brackets ? host.mid(1, host.size() - 2) : host;
}

}  // namespace

std::optional<SessionAddress> parse_address(const QString& text) {
    const QString rest = text.section(':', 1);
    if (text.startsWith("unix:") && !rest.isEmpty()) {
        return SessionAddress{QFileInfo(rest).absoluteFilePath(), {}, 0};
    }
    bool is_number = false;
    const uint16_t port = rest.section(':', -1).toUShort(&is_number);
    if (!text.startsWith("tcp:") || !is_number || port == 0) return {};
    const QString host = without_brackets(rest.section(':', 0, -2));
    return SessionAddress{{}, host.isEmpty() ? "127.0.0.1" : host, port};
}

}  // namespace inspector
