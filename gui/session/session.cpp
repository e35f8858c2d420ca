// SPDX-License-Identifier: Apache-2.0
// Session: see the header.
#include "gui/session/session.hpp"

#include <QIODevice>
#include <QLocalSocket>
#include <QTcpSocket>
#include <utility>

#include "gui/session/address.hpp"

namespace inspector {
namespace {

// Bytes that a reply may have; the longest are listings.
constexpr qsizetype longest_reply = 1 << 24;
// How often a packet is sent again, or a damaged reply asked for again.
constexpr int most_attempts = 9;

}  // namespace

Session::Session(QString address, QObject* parent)
    : Session(std::move(address), Patience{}, parent) {}

Session::Session(QString address, const Patience& patience, QObject* parent)
    : QObject(parent), address_(std::move(address)), patience_(patience), decoder_(longest_reply) {
    silence_.setSingleShot(true);
    giving_up_.setSingleShot(true);
    connect(&poll_, &QTimer::timeout, this, &Session::ask_status);
    connect(&silence_, &QTimer::timeout, this, &Session::note_silence);
    connect(&giving_up_, &QTimer::timeout, this, [this] {
        const auto seconds = std::chrono::duration<double>(patience_.lost).count();
        lose(QString("The simulator has not answered for %1 s: see whether it still runs.")
                 .arg(seconds));
    });
}

Session::~Session() {
    if (device_ != nullptr) device_->disconnect(this);
}

void Session::open() {
    if (device_ != nullptr) return;
    if (state_ == State::Lost) {
        state_ = State::Connecting;
        complaint_.clear();
        decoder_ = PacketDecoder(longest_reply);
        status_asked_ = quitting_ = false;
        emit changed();
    }
    connect_device();
    if (state_ == State::Lost) return;
    giving_up_.start(patience_.lost);
    ask_status();
}

void Session::connect_device() {
    const std::optional<SessionAddress> address = parse_address(address_);
    if (!address) {
        lose(QString("\"%1\" is no address of a session: write tcp:PORT, tcp:HOST:PORT or "
                     "unix:PATH.")
                 .arg(address_));
        return;
    }
    const auto prepare = [this](auto* socket) {
        device_ = socket;
        connect(socket, &QIODevice::readyRead, this, &Session::read);
        connect(socket, &std::remove_pointer_t<decltype(socket)>::connected, this,
                &Session::send_next);
        connect(socket, &std::remove_pointer_t<decltype(socket)>::errorOccurred, this,
                [this, socket] { lose_connection(socket->errorString()); });
        connect(socket, &std::remove_pointer_t<decltype(socket)>::disconnected, this,
                [this] { lose_connection({}); });
    };
    if (!address->path.isEmpty()) {
        auto* socket = new QLocalSocket(this);
        prepare(socket);
        socket->connectToServer(address->path);
    } else {
        auto* socket = new QTcpSocket(this);
        prepare(socket);
        socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        socket->connectToHost(address->host, address->port);
    }
}

void Session::request(const QStringList& fields, QObject* owner, Handler handler) {
    if (state_ == State::Lost) {
        // Later, as every other answer.
        QMetaObject::invokeMethod(
            owner, [why = complaint_, handler] { handler(inspector::refused(why)); },
            Qt::QueuedConnection);
        return;
    }
    queue_.append({join_fields(fields), owner, std::move(handler)});
    send_next();
}

void Session::execute(const QStringList& command, QObject* owner, Handler handler) {
    request(QStringList{"exec"} + command, owner, std::move(handler));
}

void Session::pause() {
    command_run({"stop"});
}

void Session::resume() {
    command_run({"resume"});
}

void Session::resume_for(uint64_t nanoseconds) {
    command_run({"resume", QString("%1ns").arg(nanoseconds)});
}

void Session::step(const QStringList& targets) {
    command_run(QStringList{"step"} + targets);
}

void Session::back(uint64_t nanoseconds) {
    travel("back", nanoseconds);
}

void Session::forward(uint64_t nanoseconds) {
    travel("forward", nanoseconds);
}

void Session::snapshots(QObject* owner, Handler handler) {
    execute({"time", "snapshots"}, owner, std::move(handler));
}

void Session::travel(const char* command, uint64_t nanoseconds) {
    if (state_ == State::Lost) return;
    if (destination_) {
        emit refused("The run is on its way to another time already: wait until it is there.");
        return;
    }
    destination_ = nanoseconds;
    departed_ = false;
    command_run({"exec", "time", command, QString::number(nanoseconds)},
                [this](const Reply& reply) {
                    departed_ = reply.ok;
                    if (reply.ok) return;
                    arrive();
                    emit refused(reply.error);
                });
    emit changed();
}

void Session::arrive() {
    if (!destination_) return;
    destination_.reset();
    departed_ = false;
    emit changed();
}

void Session::quit() {
    if (state_ == State::Lost) return;
    quitting_ = true;
    Request request{join_fields({"quit"}), this, [](const Reply&) {}};
    request.wants_reply = false;
    queue_.append(std::move(request));
    send_next();
}

void Session::command_run(const QStringList& fields) {
    command_run(fields, [this](const Reply& reply) {
        if (!reply.ok) emit refused(reply.error);
    });
}

// What the user commands goes before what panels ask.
void Session::command_run(const QStringList& fields, const Handler& handler) {
    if (state_ == State::Lost) return;
    Request request{join_fields(fields), this, handler};
    Request status{join_fields({"status"}), this,
                   [this](const Reply& reply) { take_status(reply); }};
    const qsizetype place = under_way_ ? 1 : 0;
    queue_.insert(place, std::move(request));
    queue_.insert(place + 1, std::move(status));
    send_next();
}

void Session::send_next() {
    const auto is_gone = [](const Request& request) { return request.owner.isNull(); };
    if (!under_way_) queue_.removeIf(is_gone);
    if (under_way_ || queue_.isEmpty() || device_ == nullptr || !device_->isOpen()) return;
    under_way_ = true;
    attempts_ = 0;
    giving_up_.start(patience_.lost);
    silence_.start(patience_.silent);
    send_current();
}

void Session::send_current() {
    if (device_->write(encode_packet(queue_.first().payload)) < 0) {
        lose_connection(device_->errorString());
    }
}

void Session::read() {
    const QList<Received> all = decoder_.feed(device_->readAll());
    for (const Received& received : all) {
        if (state_ == State::Lost) return;
        take(received);
    }
}

void Session::take(const Received& received) {
    switch (received.kind) {
        case Received::Kind::Packet: take_reply(received.payload); break;
        case Received::Kind::Acknowledged:
            if (under_way_ && !queue_.first().wants_reply) {
                queue_.removeFirst();
                under_way_ = false;
            }
            break;
        case Received::Kind::Damaged:
            if (++attempts_ > most_attempts) {
                lose("The simulator's replies arrive damaged: connect again.");
            } else {
                device_->write("-");
            }
            break;
        case Received::Kind::Refused:
            if (!under_way_ || ++attempts_ > most_attempts) {
                lose("What is sent to the simulator arrives damaged: connect again.");
            } else {
                send_current();
            }
            break;
        case Received::Kind::TooLong:
            lose("The simulator has sent a reply of more than 16 MiB: connect again.");
            break;
    }
}

void Session::take_reply(const QByteArray& payload) {
    if (!under_way_ || !queue_.first().wants_reply) {
        lose(
            "The simulator has sent a reply that nothing was asked for: this is no session "
            "protocol.");
        return;
    }
    device_->write("+");
    const Request request = queue_.takeFirst();
    under_way_ = false;
    giving_up_.stop();
    silence_.stop();
    if (std::exchange(silent_, false)) emit changed();
    send_next();
    if (request.owner != nullptr) request.handler(parse_reply(payload));
}

void Session::ask_status() {
    if (status_asked_) return;
    status_asked_ = true;
    request({"status"}, this, [this](const Reply& reply) {
        status_asked_ = false;
        take_status(reply);
    });
}

void Session::take_status(const Reply& reply) {
    if (state_ == State::Lost) return;
    const QString what = reply.fields.value(0);
    const bool is_running = what == "running";
    const std::optional<uint64_t> time = parse_number(reply.fields.value(1));
    if (!reply.ok || !time || !(is_running || what.startsWith("stopped:"))) {
        lose(QString("The simulator does not tell its state, but \"%1\": this is no session "
                     "protocol.")
                 .arg(reply.ok ? reply.fields.join(',').left(60) : reply.error.left(60)));
        return;
    }
    const State state = is_running ? State::Running : State::Stopped;
    const QString reason = is_running ? QString() : what.section(':', 1);
    const bool is_new = state != state_ || reason != reason_ || *time != now_;
    const bool is_earlier = *time < now_;
    // Nothing tells of the arrival but that the run is held again.
    const bool has_arrived = departed_ && !is_running;
    if ((is_new || has_arrived) && !is_running) ++stops_;
    if (has_arrived) {
        destination_.reset();
        departed_ = false;
    }
    state_ = state;
    reason_ = reason;
    now_ = *time;
    poll_.start(is_running ? patience_.poll_running : patience_.poll_stopped);
    if (is_earlier) emit went_back();
    if (is_new || has_arrived) emit changed();
}

void Session::note_silence() {
    silent_ = true;
    emit changed();
}

void Session::lose_connection(const QString& why) {
    if (quitting_) {
        lose("The run was ended from here.");
    } else if (state_ == State::Connecting) {
        lose(QString("There is no session at %1: %2.")
                 .arg(address_, why.isEmpty() ? "the connection ended at once" : why));
    } else {
        lose("The session has ended: the run is over, or the simulator is gone.");
    }
}

void Session::lose(const QString& why) {
    if (state_ == State::Lost) return;
    state_ = State::Lost;
    complaint_ = why;
    reason_.clear();
    destination_.reset();
    departed_ = false;
    silent_ = false;
    poll_.stop();
    silence_.stop();
    giving_up_.stop();
    if (device_ != nullptr) {
        device_->disconnect(this);
        device_->deleteLater();
        device_ = nullptr;
    }
    const QList<Request> left = std::exchange(queue_, {});
    under_way_ = false;
    emit changed();
    for (const Request& request : left) {
        if (request.owner != nullptr) request.handler(inspector::refused(complaint_));
    }
}

}  // namespace inspector
