// SPDX-License-Identifier: Apache-2.0
// CodePanel: registers of all CPUs, code and memory as one of them sees them, and breakpoints.
#pragma once

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMap>

#include "gui/models/breakpoints.hpp"
#include "gui/models/registers.hpp"
#include "gui/models/tree_model.hpp"
#include "gui/panels/live_panel.hpp"
#include "gui/panels/model_view.hpp"
#include "gui/run/selection.hpp"

namespace inspector {

class CodePanel final : public LivePanel {
    Q_OBJECT

  public:
    explicit CodePanel(const Context& context);

    // The disassembly.
    [[nodiscard]] QString as_text() const override;
    [[nodiscard]] QString as_csv() const override;
    [[nodiscard]] QList<QAction*> commands() override;

  private:
    // A stretch of memory that is shown: where it is, and its view.
    struct Stretch {
        QLineEdit where;
        QLabel problem;
        uint64_t asked = 0;  // the newest request; answers of older ones are passed over
    };
    using Show = void (CodePanel::*)(uint64_t address, const QByteArray& bytes);

    void make_content();
    [[nodiscard]] QWidget* make_code();
    [[nodiscard]] QWidget* make_memory();
    [[nodiscard]] QWidget* make_registers();
    [[nodiscard]] QWidget* make_breakpoints();
    void make_actions();
    void take_registers(const Reply& reply);
    void take_threads(const Reply& reply);
    void choose_cpu(uint64_t thread);
    [[nodiscard]] bool is_idle() const;
    void show_cpus();
    [[nodiscard]] CpuRegisters current_cpu() const;
    [[nodiscard]] QStringList targets() const;
    void refresh();
    void read_code();
    void read_memory();
    void read(Stretch& stretch, const QStringList& command, uint64_t address, Show show);
    void show_code(uint64_t address, const QByteArray& bytes);
    void show_memory(uint64_t address, const QByteArray& bytes);
    void show_breakpoints();
    void toggle_breakpoint();
    void remove_breakpoint();
    void move_memory(uint64_t by);
    void selection_changed(const Selected& selected);

    QList<CpuRegisters> cpus_;
    QMap<QString, uint64_t> threads_;  // that run, by CPU; 0: none
    TreeModel registers_{register_columns({})};
    TreeModel code_;
    TreeModel memory_;
    TreeModel breakpoint_rows_{Breakpoints::columns()};
    ModelView registers_view_{registers_};
    ModelView code_view_{code_};
    ModelView memory_view_{memory_};
    ModelView breakpoints_view_{breakpoint_rows_};
    QComboBox cpu_;
    QComboBox space_;
    Stretch code_place_;
    Stretch memory_place_;
    Watch* registers_watch_ = nullptr;
    Breakpoints* breakpoints_ = nullptr;
    QAction toggle_breakpoint_;
    QAction remove_breakpoint_;
    QAction go_to_;
    uint64_t shown_pc_ = 0;
    bool cpu_chosen_ = false;  // by the user, or as it runs a thread
};

}  // namespace inspector
