// SPDX-License-Identifier: Apache-2.0
// TextView: a text that can be read, searched and copied, with the numbers of its lines if wanted.
#pragma once

#include <QPlainTextEdit>
#include <QWidget>

class QLabel;
class QLineEdit;

namespace inspector {

// The text itself; the gutter's painting needs what is protected in its base.
class NumberedText final : public QPlainTextEdit {
    Q_OBJECT

  public:
    explicit NumberedText(bool numbers, QWidget* parent = nullptr);

    // Paints a line's ground, from 1 on; 0: none.
    void mark_line(int line, const QColor& ground);
    void paint_gutter(const QRect& area);
    [[nodiscard]] int gutter_width() const;

  protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    void place_gutter();

    QWidget* gutter_ = nullptr;
};

class TextView final : public QWidget {
    Q_OBJECT

  public:
    explicit TextView(bool numbers, QWidget* parent = nullptr);

    void set_text(const QString& text);
    // Instead of the text: what is wrong with it.
    void set_complaint(const QString& complaint);
    [[nodiscard]] QString text() const;
    [[nodiscard]] NumberedText& edit() { return *edit_; }
    [[nodiscard]] QLineEdit& find_field() { return *find_field_; }

  public slots:
    void open_find();

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void find(bool backward);

    NumberedText* edit_;
    QLabel* complaint_;
    QWidget* find_bar_;
    QLineEdit* find_field_;
    QLabel* find_state_;
};

}  // namespace inspector
