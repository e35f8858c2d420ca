// SPDX-License-Identifier: Apache-2.0
// Session: the inspector's end of the session protocol (docs/session-protocol.md).
//
// Nothing here waits: commands are queued, one is under way at a time, and its answer comes through
// a handler. Whatever goes wrong with the connection ends in the state Lost, with a sentence that
// says why; every handler that waits is told the same.
#pragma once

#include <QList>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "gui/session/packet_codec.hpp"
#include "gui/session/reply.hpp"

class QIODevice;

namespace inspector {

class Session final : public QObject {
    Q_OBJECT

  public:
    enum class State { Connecting, Running, Stopped, Lost };
    using Handler = std::function<void(const Reply&)>;

    // How long it waits, in time of the host.
    struct Patience {
        std::chrono::milliseconds poll_running{200};
        std::chrono::milliseconds poll_stopped{1000};
        std::chrono::milliseconds silent{3000};  // the user is told that there is no answer
        std::chrono::milliseconds lost{60000};   // it is given up
    };

    explicit Session(QString address, QObject* parent = nullptr);
    Session(QString address, const Patience& patience, QObject* parent = nullptr);
    ~Session() override;

    // Connects, or connects again if the session is lost.
    void open();

    [[nodiscard]] const QString& address() const { return address_; }
    [[nodiscard]] State state() const { return state_; }
    // Why the run is stopped, as the protocol has it: `user`, `step`, `breakpoint:N:TIME`, ...
    [[nodiscard]] const QString& reason() const { return reason_; }
    // Simulated time in nanoseconds, as of the last status.
    [[nodiscard]] uint64_t now() const { return now_; }
    // A sentence: what is wrong in the state Lost, otherwise empty.
    [[nodiscard]] const QString& complaint() const { return complaint_; }
    // The simulator owes an answer for longer than it should.
    [[nodiscard]] bool is_silent() const { return silent_; }
    // Grows with every stop that this session has seen: what was asked before it is out of date.
    [[nodiscard]] uint64_t stops() const { return stops_; }

    // Queues a command. The handler is called once, unless `owner` is gone by then.
    void request(const QStringList& fields, QObject* owner, Handler handler);
    // The same of a command of a module.
    void execute(const QStringList& command, QObject* owner, Handler handler);

    // The run. Refusals are told by refused().
    void pause();
    void resume();
    void resume_for(uint64_t nanoseconds);
    void step(const QStringList& targets);
    // To another time of the run (docs/time-travel.md): back to an earlier one, forward to one that
    // was reached before. On the way nobody is answered; the run is held where it arrives.
    void back(uint64_t nanoseconds);
    void forward(uint64_t nanoseconds);
    // What there is to go to, as JSON of the protocol's `snapshots`.
    void snapshots(QObject* owner, Handler handler);
    // Where the run is on its way to, as far as this session has sent it.
    [[nodiscard]] std::optional<uint64_t> destination() const { return destination_; }
    // Ends the run.
    void quit();

  signals:
    // State, reason, time, destination or silence are others than before.
    void changed();
    // The run is at an earlier time than before: somebody has taken it back.
    void went_back();
    // A command of the run was refused; the sentence says why.
    void refused(const QString& sentence);

  private:
    struct Request {
        QByteArray payload;
        QPointer<QObject> owner;
        Handler handler;
        bool wants_reply = true;  // `quit` gets none
    };

    void connect_device();
    void command_run(const QStringList& fields);
    void command_run(const QStringList& fields, const Handler& handler);
    void travel(const char* command, uint64_t nanoseconds);
    void arrive();
    void send_next();
    void send_current();
    void read();
    void take(const Received& received);
    void take_reply(const QByteArray& payload);
    void ask_status();
    void take_status(const Reply& reply);
    void note_silence();
    void lose(const QString& why);
    void lose_connection(const QString& why);

    QString address_;
    Patience patience_;
    QIODevice* device_ = nullptr;
    PacketDecoder decoder_;
    QList<Request> queue_;  // the first is under way if under_way_
    bool under_way_ = false;
    bool status_asked_ = false;
    bool quitting_ = false;
    int attempts_ = 0;  // of the packet, or the reply, that is under way
    QTimer poll_;
    QTimer silence_;
    QTimer giving_up_;

    State state_ = State::Connecting;
    QString reason_;
    QString complaint_;
    uint64_t now_ = 0;
    uint64_t stops_ = 0;
    std::optional<uint64_t> destination_;
    bool departed_ = false;  // the simulator has agreed to go there
    bool silent_ = false;
};

}  // namespace inspector
