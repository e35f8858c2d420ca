// SPDX-License-Identifier: Apache-2.0
// ControlBar: see the header.
#include "gui/panels/control_bar.hpp"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include "gui/models/run_state.hpp"
#include "gui/run/selection.hpp"

namespace inspector {
namespace {

const QString duration_topic = "duration";
constexpr std::chrono::milliseconds travel_pause{1000};

const char* const step_back_hint = "Takes the run back by the time beside Run for (%1)";
const char* const selection_hint = "Takes the run to the time of what is selected (%1)";

// Says in its tooltip what an action does, or why it cannot be done now.
void allow(QAction& action, const QString& obstacle, const char* hint) {
    action.setEnabled(obstacle.isEmpty());
    const QString keys = action.shortcut().toString(QKeySequence::NativeText);
    action.setToolTip(obstacle.isEmpty() ? QString(hint).arg(keys) : obstacle);
}

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
    add_action(step_back_, "Step back", Qt::SHIFT | Qt::Key_F7, {}, &ControlBar::step_back);
    add_action(to_selection_, "To the selection", Qt::SHIFT | Qt::Key_F5, {},
               &ControlBar::go_to_selection);
    add_action(end_, "End run", {}, "Ends the run, with exit code 130", &ControlBar::end_run);
    add_action(again_, "Connect again", {}, "Connects to the session once more",
               &ControlBar::connect_again);
    make_content();
    if (session() != nullptr) {
        connect(session(), &Session::changed, this, &ControlBar::show_state);
        connect(session(), &Session::refused, this,
                [this](const QString& sentence) { say("command", sentence); });
        watch_travel();
    }
    show_state();
}

void ControlBar::watch_travel() {
    Watch* snapshots = watch({"exec", "time", "snapshots"}, travel_pause, Refusals::Mine);
    connect(snapshots, &Watch::answered, this, [this](const Reply& reply) {
        travel_.take(reply);
        show_way();
    });
    connect(&selection(), &Selection::changed, this, &ControlBar::show_way);
    connect(&scrubber_, &Scrubber::moved, this, &ControlBar::show_time);
    connect(&scrubber_, &Scrubber::wanted, this, &ControlBar::take_to);
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
    auto* rows = new QVBoxLayout(content);
    rows->setContentsMargins(6, 4, 6, 4);
    rows->setSpacing(4);
    auto* row = new QHBoxLayout;
    rows->addLayout(row);
    auto* way = new QWidget;
    make_way(*way);
    rows->addWidget(way);
    for (QAction* action : {&toggle_, &run_for_, &step_, &end_, &again_}) {
        QToolButton* made = button(*action);
        row->addWidget(made);
        if (action == &run_for_) row->addWidget(&duration_);
        if (action == &again_) {
            connect(action, &QAction::changed, made,
                    [made, action] { made->setVisible(action->isEnabled()); });
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

QToolButton* ControlBar::button(QAction& action) {
    auto* made = new QToolButton;
    made->setDefaultAction(&action);
    made->setToolButtonStyle(Qt::ToolButtonTextOnly);
    made->setFocusPolicy(Qt::TabFocus);
    return made;
}

void ControlBar::make_way(QWidget& row) {
    auto* layout = new QHBoxLayout(&row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(button(step_back_));
    layout->addWidget(&scrubber_, 1);
    reached_.setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    reached_.setToolTip("The time that the run has reached, and can be taken forward to");
    layout->addWidget(&reached_);
    layout->addWidget(button(to_selection_));
}

QString ControlBar::as_text() const {
    return state_.text() + '\t' + time_.text() + '\n';
}

QList<QAction*> ControlBar::commands() {
    return {&toggle_, &resume_, &run_for_, &step_, &step_back_, &to_selection_, &end_, &again_};
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

std::optional<uint64_t> ControlBar::duration() {
    const std::optional<uint64_t> duration = parse_duration(duration_.currentText());
    say("command", {});
    say(duration_topic,
        duration ? QString() : "Write a duration as a number and a unit, such as 10 ms.");
    return duration;
}

void ControlBar::run_for() {
    if (const auto length = duration()) session()->resume_for(*length);
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

void ControlBar::step_back() {
    if (const auto length = duration()) session()->back(travel_.before(session()->now(), *length));
}

void ControlBar::go_to_selection() {
    if (const auto time = selection().selected().time) take_to(*time);
}

void ControlBar::take_to(uint64_t time) {
    say("command", {});
    go_to_time(*session(), time);
}

void ControlBar::end_run() {
    session()->quit();
}

void ControlBar::connect_again() {
    session()->open();
}

void ControlBar::show_state() {
    const auto state = session() == nullptr ? Session::State::Lost : session()->state();
    const bool is_on_the_way = session() != nullptr && session()->destination().has_value();
    const bool is_running = state == Session::State::Running && !is_on_the_way;
    const bool is_stopped = state == Session::State::Stopped && !is_on_the_way;
    toggle_.setText(state == Session::State::Stopped ? "Resume" : "Pause");
    toggle_.setEnabled(is_running || is_stopped);
    resume_.setEnabled(is_stopped);
    run_for_.setEnabled(is_stopped);
    step_.setEnabled(is_stopped);
    end_.setEnabled(is_running || is_stopped);
    again_.setEnabled(session() != nullptr && state == Session::State::Lost);
    // What is wrong is in the strip already.
    state_.setText(state == Session::State::Lost ? "not connected" : state_text(*session()));
    show_way();
}

void ControlBar::show_way() {
    if (session() == nullptr) {
        for (QAction* action : {&step_back_, &to_selection_}) action->setEnabled(false);
        scrubber_.setEnabled(false);
        return;
    }
    const Session& run = *session();
    travel_.saw(run.now());
    const QString obstacle = travel_.obstacle(run);
    const bool is_first = obstacle.isEmpty() && run.now() <= travel_.first();
    allow(step_back_, is_first ? "The run is at its first snapshot." : obstacle, step_back_hint);
    const std::optional<uint64_t> selected = selection().selected().time;
    allow(to_selection_,
          selected ? travel_.obstacle(run, *selected)
                   : "Nothing is selected that has a time: select an event in the timeline.",
          selection_hint);
    scrubber_.setEnabled(obstacle.isEmpty());
    scrubber_.setToolTip(obstacle.isEmpty() ? "Drag it to where the run is to go" : obstacle);
    scrubber_.show_times(travel_.first(), travel_.reached(), run.destination().value_or(run.now()));
    show_time();
}

void ControlBar::show_time() {
    const bool is_known = travel_.reached() != 0;
    reached_.setText(is_known ? time_label(travel_.reached()) : QString());
    time_.setText(time_label(scrubber_.in_hand() ? scrubber_.time() : session()->now()));
}

}  // namespace inspector
