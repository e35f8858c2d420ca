// SPDX-License-Identifier: Apache-2.0
// Screenshot: waits until all that is to be seen is there, takes a picture and ends the program.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <cstdint>
#include <optional>

#include "gui/window/main_window.hpp"

namespace inspector {

class Screenshot final : public QObject {
    Q_OBJECT

  public:
    // Precondition: the window is shown, and outlives this.
    Screenshot(MainWindow& window, const Options& options);

  private:
    void look();
    [[nodiscard]] bool goes_on() const;
    // One of the options' actions; a sentence if it cannot be done.
    [[nodiscard]] QString act(const QString& action);
    [[nodiscard]] QString take();
    void end(const QString& problem);

    static constexpr qint64 most_milliseconds = 120'000;

    MainWindow* window_;
    Options options_;
    QStringList actions_;  // those to come
    QTimer timer_;
    QElapsedTimer clock_;
    int quiet_looks_ = 0;
    std::optional<uint64_t> stops_before_;  // Session::stops() when the run was last let go on
};

}  // namespace inspector
