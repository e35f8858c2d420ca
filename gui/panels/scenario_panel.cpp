// SPDX-License-Identifier: Apache-2.0
// ScenarioPanel: see the header.
#include "gui/panels/scenario_panel.hpp"

#include <QAction>
#include <QEvent>
#include <QJsonObject>
#include <QLabel>
#include <QVBoxLayout>

#include "gui/run/recorded_run.hpp"
#include "gui/timeline/colours.hpp"
#include "gui/timeline/event_finder.hpp"

namespace inspector {

namespace {

QString facts_text(const RecordedRun& run) {
    const QJsonObject& result = run.result();
    QStringList facts;
    facts.append(ScenarioPanel::tr("machine: %1").arg(run.machine()));
    facts.append(ScenarioPanel::tr("seed: %1").arg(result[QLatin1String("seed")].toInteger()));
    const auto nanoseconds = result[QLatin1String("simulated_ns")].toInteger();
    facts.append(ScenarioPanel::tr("simulated: %1")
                     .arg(duration_words(static_cast<uint64_t>(std::max<qint64>(nanoseconds, 0)))));
    const QString words = result[QLatin1String("bootargs")].toString();
    if (!words.isEmpty()) facts.append(ScenarioPanel::tr("boot words: %1").arg(words));
    const QJsonObject parameters = result[QLatin1String("parameters")].toObject();
    for (const QString& key : parameters.keys()) {
        facts.append(key + u'=' + parameters[key].toVariant().toString());
    }
    return facts.join(QStringLiteral("    "));
}

}  // namespace

ScenarioPanel::ScenarioPanel(const Context& context)
    : Panel(QStringLiteral("scenario"), tr("Scenario")),
      run_(context.recorded),
      verdict_(new QLabel),
      facts_(new QLabel),
      view_(new TextView(true)) {
    for (QLabel* label : {verdict_, facts_}) {
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setContentsMargins(8, 4, 8, 2);
    }
    QFont bold = verdict_->font();
    bold.setBold(true);
    verdict_->setFont(bold);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(verdict_);
    layout->addWidget(facts_);
    layout->addWidget(view_, 1);
    setFocusProxy(view_);
    auto* find = new QAction(tr("Find in the scenario"), this);
    find->setShortcut(QKeySequence::Find);
    find->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QAction::triggered, view_, &TextView::open_find);
    addAction(find);
    commands_.append(find);
    connect(run_, &RecordedRun::changed, this, &ScenarioPanel::show_run);
    show_run();
}

QString ScenarioPanel::verdict_text() const {
    return verdict_->text();
}

void ScenarioPanel::show_run() {
    const Colours colours = Colours::of(palette());
    const bool passed = run_->verdict() == QLatin1String("passed");
    QPalette ink = palette();
    ink.setColor(QPalette::WindowText, QColor::fromRgb(passed ? colours.good : colours.problem));
    verdict_->setPalette(ink);
    if (!run_->known()) {
        verdict_->setText(run_->complaint());
        facts_->clear();
        view_->set_complaint(run_->source().complaint);
        return;
    }
    const QString message = run_->message();
    verdict_->setText(
        passed ? tr("%1 passed: every expectation that was reached held").arg(run_->scenario())
               : tr("%1: %2: %3").arg(run_->scenario(), run_->verdict(), message));
    facts_->setText(facts_text(*run_));
    const RunText& source = run_->source();
    if (!source.complaint.isEmpty()) {
        view_->set_complaint(source.complaint);
        return;
    }
    view_->set_text(source.text);
    const QColor ground = QColor::fromRgb(mix(colours.background, colours.problem, 80));
    view_->edit().mark_line(run_->failed_line().value_or(0), ground);
}

QString ScenarioPanel::as_text() const {
    return verdict_->text() + u'\n' + facts_->text() + QStringLiteral("\n\n") + view_->text();
}

void ScenarioPanel::changeEvent(QEvent* event) {
    Panel::changeEvent(event);
    // Not while it is being built.
    if (event->type() == QEvent::PaletteChange && isVisible()) show_run();
}

}  // namespace inspector
