// SPDX-License-Identifier: Apache-2.0
// ControlBar: see the header.
#include "gui/panels/control_bar.hpp"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
#include <QToolButton>

#include "gui/models/run_state.hpp"

namespace inspector {
namespace {

const QString duration_topic = "duration";

}  // namespace

ControlBar::ControlBar(const Context& context) : LivePanel("control", "Control", context) {
    add_action(toggle_, "Pause", Qt::Key_Space, "Holds the run, or lets it go on",
               &ControlBar::toggle);
    add_action(resume_, "Resume", Qt::Key_F5, "Lets the run go on", &ControlBar::resume);
    add_action(run_for_, "Run for", Qt::Key_F6, "Lets the run go on for the time beside it",
               &ControlBar::run_for);
    add_action(step_, "Step", Qt::Key_F7,
               "Lets the run go on until a CPU has executed something: a quantum",
               &ControlBar::step);
    add_action(end_, "End run", {}, "Ends the run, with exit code 130", &ControlBar::end_run);
    add_action(again_, "Connect again", {}, "Connects to the session once more",
               &ControlBar::connect_again);
    make_content();
    if (session() != nullptr) {
        connect(session(), &Session::changed, this, &ControlBar::show_state);
        connect(session(), &Session::refused, this,
                [this](const QString& sentence) { say("command", sentence); });
    }
    show_state();
}

void ControlBar::add_action(QAction& action, const QString& text, const QKeySequence& keys,
                            const QString& explanation, void (ControlBar::*function)()) {
    action.setText(text);
    action.setShortcut(keys);
    const QString hint = keys.toString(QKeySequence::NativeText);
    action.setToolTip(hint.isEmpty() ? explanation : explanation + " (" + hint + ")");
    connect(&action, &QAction::triggered, this, function);
    addAction(&action);
}

void ControlBar::make_content() {
    auto* content = new QWidget;
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(6, 4, 6, 4);
    for (QAction* action : {&toggle_, &run_for_, &step_, &end_, &again_}) {
        auto* button = new QToolButton;
        button->setDefaultAction(action);
        button->setToolButtonStyle(Qt::ToolButtonTextOnly);
        button->setFocusPolicy(Qt::TabFocus);
        row->addWidget(button);
        if (action == &run_for_) row->addWidget(&duration_);
        if (action == &again_) {
            connect(action, &QAction::changed, button,
                    [button, action] { button->setVisible(action->isEnabled()); });
        }
    }
    duration_.setEditable(true);
    duration_.addItems({"10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s"});
    duration_.setCurrentText("10 ms");
    duration_.setToolTip("A number and ns, us, ms or s");
    duration_.setSizeAdjustPolicy(QComboBox::AdjustToContents);
    connect(duration_.lineEdit(), &QLineEdit::returnPressed, &run_for_, &QAction::trigger);
    row->addSpacing(12);
    time_.setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    time_.setToolTip("Simulated time");
    time_.setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(&time_);
    row->addSpacing(12);
    row->addWidget(&state_, 1);
    set_content(content);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

QString ControlBar::as_text() const {
    return state_.text() + '\t' + time_.text() + '\n';
}

QList<QAction*> ControlBar::commands() {
    return {&toggle_, &resume_, &run_for_, &step_, &end_, &again_};
}

void ControlBar::toggle() {
    say("command", {});
    if (session()->state() == Session::State::Running) {
        session()->pause();
    } else {
        session()->resume();
    }
}

void ControlBar::resume() {
    say("command", {});
    session()->resume();
}

void ControlBar::run_for() {
    const std::optional<uint64_t> duration = parse_duration(duration_.currentText());
    say("command", {});
    say(duration_topic,
        duration ? QString() : "Write a duration as a number and a unit, such as 10 ms.");
    if (duration) session()->resume_for(*duration);
}

void ControlBar::step() {
    say("command", {});
    // Whichever CPU does something first.
    session()->request({"list", "json"}, this, [this](const Reply& reply) {
        if (!check("command", reply)) return;
        QStringList targets;
        for (const QJsonValue& target : reply.json()["targets"].toArray()) {
            targets.append(target["name"].toString());
        }
        if (targets.isEmpty()) {
            say("command", "There is no CPU to step yet: let the run go on first.");
        } else {
            session()->step(targets);
        }
    });
}

void ControlBar::end_run() {
    session()->quit();
}

void ControlBar::connect_again() {
    session()->open();
}

void ControlBar::show_state() {
    const auto state = session() == nullptr ? Session::State::Lost : session()->state();
    const bool is_running = state == Session::State::Running;
    const bool is_stopped = state == Session::State::Stopped;
    toggle_.setText(is_stopped ? "Resume" : "Pause");
    toggle_.setEnabled(is_running || is_stopped);
    resume_.setEnabled(is_stopped);
    run_for_.setEnabled(is_stopped);
    step_.setEnabled(is_stopped);
    end_.setEnabled(is_running || is_stopped);
    again_.setEnabled(session() != nullptr && state == Session::State::Lost);
    // What is wrong is in the strip already.
    state_.setText(state == Session::State::Lost ? "not connected" : state_text(*session()));
    time_.setText(session() == nullptr ? QString() : time_label(session()->now()));
}

}  // namespace inspector
