// SPDX-License-Identifier: Apache-2.0
// Addresses of a session: `tcp:PORT`, `tcp:HOST:PORT` or `unix:PATH`.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>

namespace inspector {

struct SessionAddress {
    QString path;  // of a Unix socket; empty: it is host and port
    QString host;
    uint16_t port = 0;

    bool operator==(const SessionAddress&) const = default;
};

// Nothing for a text that is no address. Without a host it is this one's own.
[[nodiscard]] std::optional<SessionAddress> parse_address(const QString& text);

}  // namespace inspector
