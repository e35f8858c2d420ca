// SPDX-License-Identifier: Apache-2.0
// FakeSimulator: the other end of the session protocol, for tests: it answers as it is told to.
#pragma once

#include <QHash>
#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <functional>

#include "gui/session/packet_codec.hpp"

namespace inspector::test {

class FakeSimulator final : public QObject {
  public:
    FakeSimulator() {
        server.listen(QHostAddress::LocalHost);
        connect(&server, &QTcpServer::newConnection, this, [this] {
            client = server.nextPendingConnection();
            connect(client, &QTcpSocket::readyRead, this, [this] { read(); });
        });
    }

    [[nodiscard]] QString address() const { return QString("tcp:%1").arg(server.serverPort()); }

    // What `status` tells.
    QString status = "stopped:user,1500,7";
    // Payloads by command, its fields joined by spaces; without one, `E`.
    QHash<QString, QByteArray> answers;
    // Every command that has come in, likewise, but for `status`.
    QStringList commands;
    // Instead of all this, if set.
    std::function<void(const QString& command)> instead;
    bool is_mute = false;

    void write(const QByteArray& bytes) { client->write(bytes); }
    void reply(const QByteArray& payload) { write(encode_packet(payload)); }

    QTcpServer server;
    QPointer<QTcpSocket> client;

  private:
    void read() {
        for (const Received& received : decoder_.feed(client->readAll())) {
            if (received.kind == Received::Kind::Packet) {
                take(split_fields(received.payload).join(' '));
            }
            if (received.kind == Received::Kind::Refused) ++refused;
        }
    }

    void take(const QString& command) {
        if (command != "status") commands.append(command);
        if (is_mute) return;
        if (instead) return instead(command);
        write("+");
        if (command == "status") return reply("OK," + status.toUtf8());
        if (command == "quit") return client->disconnectFromHost();
        reply(answers.value(command, "E,there is no such command"));
    }

    PacketDecoder decoder_{1 << 16};

  public:
    int refused = 0;  // replies that were refused
};

}  // namespace inspector::test
