// SPDX-License-Identifier: Apache-2.0
// MetricsPanel: see the header.
#include "gui/panels/metrics_panel.hpp"

#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include "gui/timeline/colours.hpp"

namespace inspector {

void PlotView::show_plot(Plot plot) {
    plot_ = std::move(plot);
    update();
}

void PlotView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Colours colours = Colours::of(palette());
    painter.fillRect(rect(), QColor::fromRgb(colours.background));
    const QFontMetrics metrics = painter.fontMetrics();
    painter.setPen(QColor::fromRgb(colours.text));
    if (plot_.form == Plot::Form::None) {
        const QString note = plot_.note.isEmpty() ? tr("select a metric to plot it") : plot_.note;
        painter.drawText(rect().adjusted(12, 8, -12, -8), Qt::AlignCenter | Qt::TextWordWrap, note);
        return;
    }
    const QString most = QString::number(plot_.bounds.bottom(), 'g', 5);
    const QString least = QString::number(plot_.bounds.top(), 'g', 5);
    const int left =
        14 + std::max(metrics.horizontalAdvance(most), metrics.horizontalAdvance(least));
    const QRectF area =
        QRectF(rect()).adjusted(left, metrics.height() + 10, -14, -metrics.height() - 10);
    painter.drawText(left, metrics.ascent() + 4, plot_.title);
    painter.setPen(QColor::fromRgb(colours.faint_text));
    painter.drawText(QRectF(0, area.top() - 8, left - 6, 20), Qt::AlignRight | Qt::AlignTop, most);
    painter.drawText(QRectF(0, area.bottom() - 14, left - 6, 20), Qt::AlignRight | Qt::AlignBottom,
                     least);
    const QRectF below(area.left(), area.bottom() + 4, area.width(), metrics.height() + 2);
    painter.drawText(below, Qt::AlignLeft, QString::number(plot_.bounds.left(), 'g', 5));
    painter.drawText(below, Qt::AlignRight, QString::number(plot_.bounds.right(), 'g', 5));
    painter.drawText(below, Qt::AlignHCenter, plot_.across);
    painter.setPen(QColor::fromRgb(colours.line));
    painter.drawRect(area);

    const auto place = [&](const QPointF& point) {
        const double x = (point.x() - plot_.bounds.left()) / plot_.bounds.width();
        const double y = (point.y() - plot_.bounds.top()) / plot_.bounds.height();
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height());
    };
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor::fromRgb(colours.counter_edge), 1.5));
    const double ground = place({plot_.bounds.left(), 0}).y();
    QPolygonF line;
    for (const QPointF& point : plot_.points) {
        const QPointF at = place(point);
        if (plot_.form == Plot::Form::Bars) painter.drawLine(QPointF(at.x(), ground), at);
        line.append(at);
    }
    if (plot_.form == Plot::Form::Line) painter.drawPolyline(line);
    constexpr qsizetype most_dots = 200;
    if (line.size() > most_dots) return;
    painter.setBrush(QColor::fromRgb(colours.counter_edge));
    for (const QPointF& at : line) painter.drawEllipse(at, 2, 2);
}

MetricsPanel::MetricsPanel(const Context& context)
    : Panel(QStringLiteral("metrics"), tr("Metrics")),
      run_(context.recorded),
      model_({}),
      sorted_(new QSortFilterProxyModel(this)),
      filter_(new QLineEdit),
      complaint_(new QLabel),
      table_(new QTableView),
      plot_(new PlotView) {
    sorted_->setSourceModel(&model_);
    sorted_->setSortRole(TableModel::SortRole);
    sorted_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    sorted_->setFilterKeyColumn(0);
    table_->setModel(sorted_);
    table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setAlternatingRowColors(true);
    table_->setSortingEnabled(true);
    table_->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 6);
    filter_->setPlaceholderText(tr("only metrics with this in their names"));
    filter_->setClearButtonEnabled(true);
    complaint_->setWordWrap(true);
    complaint_->setMargin(8);

    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(table_);
    splitter->addWidget(plot_);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(filter_);
    layout->addWidget(complaint_);
    layout->addWidget(splitter, 1);
    setFocusProxy(table_);
    connect(filter_, &QLineEdit::textChanged, sorted_,
            &QSortFilterProxyModel::setFilterFixedString);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &MetricsPanel::show_metric);
    connect(run_, &RecordedRun::changed, this, &MetricsPanel::show_run);
    show_run();
}

void MetricsPanel::show_run() {
    model_.set(metric_columns(run_->metrics()), metric_rows(run_->metrics()));
    const bool nothing = model_.rowCount() == 0 && run_->metrics_complaint().isEmpty();
    complaint_->setText(nothing ? tr("nothing was measured in this run")
                                : run_->metrics_complaint());
    complaint_->setVisible(!complaint_->text().isEmpty());
    table_->resizeColumnsToContents();
    plot_->show_plot({});
}

void MetricsPanel::show_metric() {
    const QModelIndex index = table_->currentIndex();
    if (!index.isValid()) return plot_->show_plot({});
    const auto text = [&](int column) { return index.siblingAtColumn(column).data().toString(); };
    plot_->show_plot(plot_of(text(0), text(1), run_->points(text(0))));
}

QString MetricsPanel::as_text() const {
    return table_text(*sorted_);
}

QString MetricsPanel::as_csv() const {
    return table_csv(*sorted_);
}

}  // namespace inspector
