// SPDX-License-Identifier: Apache-2.0
// CodePanel: see the header.
#include "gui/panels/code_panel.hpp"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include "gui/models/disassembly.hpp"
#include "gui/models/hex_rows.hpp"
#include "gui/models/json.hpp"
#include "gui/models/model_text.hpp"
#include "gui/run/selection.hpp"

namespace inspector {
namespace {

using std::chrono_literals::operator""ms;

constexpr uint64_t code_before = 64;  // bytes shown before the address
constexpr uint64_t code_size = 512;
constexpr uint64_t memory_size = 512;
constexpr uint64_t page = 4096;

// Not before the page of an address: what is there may not be mapped.
uint64_t code_begin(uint64_t address) {
    const uint64_t aligned = address & ~uint64_t{3};
    return aligned - qMin(code_before, aligned % page);
}

// To the end of the page, for the same reason.
uint64_t size_at(uint64_t begin, uint64_t wanted) {
    return qMin(wanted, page - begin % page);
}

QWidget* labelled(QLabel& problem, QWidget* row, QWidget& view) {
    auto* widget = new QWidget;
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(row);
    problem.setWordWrap(true);
    problem.setMargin(6);
    problem.setVisible(false);
    column->addWidget(&problem);
    column->addWidget(&view, 1);
    return widget;
}

}  // namespace

CodePanel::CodePanel(const Context& context)
    : LivePanel("code", "Code and registers", context),
      code_(code_columns()),
      memory_(hex_columns()) {
    make_content();
    make_actions();
    connect(&selection(), &Selection::changed, this, &CodePanel::selection_changed);
    registers_watch_ = watch({"exec", "cpus", "registers"}, 500ms);
    if (registers_watch_ == nullptr) return;
    connect(registers_watch_, &Watch::answered, this, &CodePanel::take_registers);
    connect(watch({"exec", "kernel", "cpus"}, 500ms), &Watch::answered, this,
            &CodePanel::take_threads);
    breakpoints_ = new Breakpoints(*session(), this);
    connect(breakpoints_, &Breakpoints::changed, this, &CodePanel::show_breakpoints);
    connect(breakpoints_, &Breakpoints::refused, this,
            [this](const QString& sentence) { say("breakpoint", sentence); });
}

void CodePanel::make_content() {
    const QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    for (ModelView* view : {&registers_view_, &code_view_, &memory_view_, &breakpoints_view_}) {
        view->setFont(font);
        view->setRootIsDecorated(false);
    }
    registers_.mark_changes();
    auto* below = new QTabWidget;
    below->setDocumentMode(true);
    below->addTab(make_registers(), "Registers");
    below->addTab(make_memory(), "Memory");
    below->addTab(make_breakpoints(), "Breakpoints");
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(make_code());
    splitter->addWidget(below);
    set_content(splitter);
    setFocusProxy(&code_view_);
}

QWidget* CodePanel::make_code() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(6, 2, 6, 2);
    cpu_.setToolTip("The CPU whose code and memory are shown");
    cpu_.setSizeAdjustPolicy(QComboBox::AdjustToContents);
    code_place_.where.setText("pc");
    code_place_.where.setToolTip("A register, a hexadecimal address, or a sum such as x30-10");
    row->addWidget(&cpu_);
    row->addWidget(new QLabel("Code at"));
    row->addWidget(&code_place_.where, 1);
    connect(&cpu_, &QComboBox::activated, this, [this] {
        cpu_chosen_ = true;
        refresh();
    });
    connect(&code_place_.where, &QLineEdit::editingFinished, this, &CodePanel::read_code);
    connect(&code_view_, &ModelView::chosen, this, &CodePanel::toggle_breakpoint);
    return labelled(code_place_.problem, bar, code_view_);
}

QWidget* CodePanel::make_registers() {
    return &registers_view_;
}

QWidget* CodePanel::make_memory() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(6, 2, 6, 2);
    memory_place_.where.setText("sp");
    memory_place_.where.setToolTip("A register, a hexadecimal address, or a sum such as sp+40");
    space_.addItems({"Virtual", "Physical"});
    row->addWidget(&space_);
    row->addWidget(new QLabel("memory at"));
    row->addWidget(&memory_place_.where, 1);
    for (const bool is_back : {true, false}) {
        auto* button = new QPushButton(is_back ? "Back" : "On");
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this,
                [this, is_back] { move_memory(is_back ? -memory_size : memory_size); });
        row->addWidget(button);
    }
    connect(&memory_place_.where, &QLineEdit::editingFinished, this, &CodePanel::read_memory);
    connect(&space_, &QComboBox::activated, this, &CodePanel::read_memory);
    return labelled(memory_place_.problem, bar, memory_view_);
}

QWidget* CodePanel::make_breakpoints() {
    breakpoints_view_.setToolTip("F9 in the code sets and removes one, Delete removes it here");
    breakpoints_view_.addAction(&remove_breakpoint_);
    connect(&breakpoints_view_, &ModelView::chosen, this, [this](const QVariant& tag) {
        code_place_.where.setText(hexadecimal(tag.toULongLong()));
        read_code();
    });
    return &breakpoints_view_;
}

void CodePanel::make_actions() {
    toggle_breakpoint_.setText("Set or remove a breakpoint");
    toggle_breakpoint_.setShortcut(Qt::Key_F9);
    toggle_breakpoint_.setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(&toggle_breakpoint_, &QAction::triggered, this, &CodePanel::toggle_breakpoint);
    remove_breakpoint_.setText("Remove the breakpoint");
    remove_breakpoint_.setShortcut(Qt::Key_Delete);
    remove_breakpoint_.setShortcutContext(Qt::WidgetShortcut);
    connect(&remove_breakpoint_, &QAction::triggered, this, &CodePanel::remove_breakpoint);
    go_to_.setText("Go to code");
    go_to_.setShortcut(Qt::CTRL | Qt::Key_G);
    go_to_.setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(&go_to_, &QAction::triggered, this, [this] {
        code_place_.where.setFocus();
        code_place_.where.selectAll();
    });
    addActions({&toggle_breakpoint_, &go_to_});
}

void CodePanel::take_registers(const Reply& reply) {
    if (!reply.ok) return;
    const QList<CpuRegisters> told = parse_registers(reply.json().object());
    const bool has_other_cpus = told.size() != cpus_.size();
    cpus_ = told;
    if (has_other_cpus) show_cpus();
    registers_.update(register_rows(cpus_));
    registers_view_.fit();
    refresh();
}

// Whose code there is to see: a CPU's that runs a thread, until the user chooses.
void CodePanel::take_threads(const Reply& reply) {
    if (!reply.ok) return;
    for (const QJsonValue& cpu : reply.json().array()) {
        threads_["cpu" + number_text(cpu["number"])] = natural(cpu["thread"]);
    }
    for (int i = 0; i < cpu_.count(); ++i) {
        const QString target = cpu_.itemData(i).toString();
        const uint64_t thread = threads_.value(target);
        cpu_.setItemText(
            i, target + (thread == 0 ? QString(", idle") : QString(", thread %1").arg(thread)));
    }
    if (cpu_chosen_) return;
    for (auto cpu = threads_.begin(); cpu != threads_.end() && !cpu_chosen_; ++cpu) {
        if (cpu.value() != 0) choose_cpu(cpu.value());
    }
}

void CodePanel::choose_cpu(uint64_t thread) {
    const int place = cpu_.findData(threads_.key(thread));
    if (thread == 0 || place < 0) return;
    cpu_chosen_ = true;
    if (place == cpu_.currentIndex()) return;
    cpu_.setCurrentIndex(place);
    refresh();
}

bool CodePanel::is_idle() const {
    const QString target = cpu_.currentData().toString();
    return threads_.contains(target) && threads_[target] == 0;
}

void CodePanel::show_cpus() {
    const QVariant before = cpu_.currentData();
    cpu_.clear();
    for (const QString& target : targets()) cpu_.addItem(target, target);
    cpu_.setCurrentIndex(qMax(0, cpu_.findData(before)));
    registers_.set_columns(register_columns(cpus_));
}

CpuRegisters CodePanel::current_cpu() const {
    for (const CpuRegisters& cpu : cpus_) {
        if (cpu.target == cpu_.currentData().toString()) return cpu;
    }
    return {};
}

QStringList CodePanel::targets() const {
    QStringList all;
    for (const CpuRegisters& cpu : cpus_) all.append(cpu.target);
    return all;
}

void CodePanel::refresh() {
    read_code();
    read_memory();
}

void CodePanel::read_code() {
    const CpuRegisters cpu = current_cpu();
    if (cpu.target.isEmpty()) return;
    const std::optional<uint64_t> address = evaluate(code_place_.where.text(), cpu);
    if (!address) {
        code_place_.problem.setText("Write a register, a hexadecimal address, or a sum of both.");
        code_place_.problem.show();
        return;
    }
    shown_pc_ = cpu.find("pc").value_or(0);
    const uint64_t begin = code_begin(*address);
    const QString size = QString::number(size_at(begin, code_size));
    read(code_place_, {"vread", cpu.target, hexadecimal(begin), size}, begin,
         &CodePanel::show_code);
}

void CodePanel::read_memory() {
    const CpuRegisters cpu = current_cpu();
    if (cpu.target.isEmpty()) return;
    const std::optional<uint64_t> address = evaluate(memory_place_.where.text(), cpu);
    if (!address) {
        memory_place_.problem.setText("Write a register, a hexadecimal address, or a sum of both.");
        memory_place_.problem.show();
        return;
    }
    const uint64_t begin = *address & ~uint64_t{15};
    const QString command = space_.currentIndex() == 0 ? "vread" : "pread";
    const QString size = QString::number(size_at(begin, memory_size));
    read(memory_place_, {command, cpu.target, hexadecimal(begin), size}, begin,
         &CodePanel::show_memory);
}

void CodePanel::read(Stretch& stretch, const QStringList& command, uint64_t address, Show show) {
    const uint64_t asked = ++stretch.asked;
    session()->request(command, this, [this, &stretch, asked, address, show](const Reply& reply) {
        if (asked != stretch.asked) return;
        const QString hint = is_idle() ? ": this CPU is idle, choose another one" : QString();
        stretch.problem.setText(reply.error + hint);
        stretch.problem.setVisible(!reply.ok);
        (this->*show)(address, reply.ok ? reply.bytes() : QByteArray());
    });
}

void CodePanel::show_code(uint64_t address, const QByteArray& bytes) {
    const QSet<uint64_t> marked = breakpoints_->addresses();
    code_.update(code_rows(address, bytes, {shown_pc_, marked}));
    code_view_.fit();
    if (code_place_.where.text() == "pc") {
        code_view_.set_current_tag(QVariant::fromValue<quint64>(shown_pc_));
    }
}

void CodePanel::show_memory(uint64_t address, const QByteArray& bytes) {
    memory_.update(hex_rows(address, bytes));
    memory_view_.fit();
}

void CodePanel::show_breakpoints() {
    breakpoint_rows_.update(breakpoints_->rows());
    breakpoints_view_.fit();
    read_code();
}

void CodePanel::toggle_breakpoint() {
    const QVariant address = code_view_.current_tag();
    if (!address.isValid() || breakpoints_ == nullptr) return;
    say("breakpoint", {});
    breakpoints_->toggle(address.toULongLong(), targets());
}

void CodePanel::remove_breakpoint() {
    const QVariant address = breakpoints_view_.current_tag();
    if (!address.isValid() || breakpoints_ == nullptr) return;
    say("breakpoint", {});
    breakpoints_->remove(address.toULongLong());
}

// What is added may wrap around: that is the way back.
void CodePanel::move_memory(uint64_t by) {
    const std::optional<uint64_t> address = evaluate(memory_place_.where.text(), current_cpu());
    if (!address) return;
    memory_place_.where.setText(hexadecimal(*address + by));
    read_memory();
}

void CodePanel::selection_changed(const Selected& selected) {
    if (selected.cpu) {
        const int place = cpu_.findData(QString("cpu%1").arg(*selected.cpu));
        if (place >= 0 && place != cpu_.currentIndex()) {
            cpu_chosen_ = true;
            cpu_.setCurrentIndex(place);
            refresh();
        }
    }
    if (selected.thread) choose_cpu(*selected.thread);
    if (selected.address && session() != nullptr) {
        const QString where = hexadecimal(*selected.address);
        if (code_place_.where.text() == where) return;
        code_place_.where.setText(where);
        read_code();
    }
}

QString CodePanel::as_text() const {
    return text_of(code_);
}

QString CodePanel::as_csv() const {
    return csv_of(code_);
}

QList<QAction*> CodePanel::commands() {
    return {&toggle_breakpoint_, &go_to_};
}

}  // namespace inspector
