// SPDX-License-Identifier: Apache-2.0
// Measures the frames of the inspector's timeline: `timeline_bench FILE` opens a trace in the
// widget, without a display, and pans and zooms. Figures go to stdout, one a line: name, value and
// unit, parted by tabulators. A frame is what the window's thread does for it: moving the view,
// asking for pictures, painting; the pictures are made on another thread meanwhile.
#include <QApplication>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "gui/run/selection.hpp"
#include "gui/timeline/timeline_view.hpp"

namespace {

using namespace inspector;
using Clock = std::chrono::steady_clock;

// A wide screen, on which some 60 tracks are seen.
constexpr QSize size{2220, 1450};
constexpr auto frame_time = std::chrono::microseconds(16'667);
constexpr int frames = 120;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// The time this thread was on a CPU, in milliseconds: what else the host does is not in it.
double thread_time() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void row(const std::string& name, double value, const char* unit) {
    std::printf("%s\t%.6g\t%s\n", name.c_str(), value, unit);
    std::fflush(stdout);
}

double percentile(std::vector<double> values, size_t hundredths) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, values.size() * hundredths / 100)];
}

class Bench final {
  public:
    explicit Bench(const char* path) : timeline_(loader_, selection_), view_(timeline_) {
        view_.resize(size);
        view_.show();
        const auto begin = Clock::now();
        loader_.open(path);
        bool pictured = false;
        while (!timeline_.complete() || !view_.settled()) {
            turn();
            if (pictured || timeline_.rows().scrolled().empty()) continue;
            pictured = true;
            row("first rows", milliseconds_since(begin) / 1000, "s");
        }
        row("all read and pictured", milliseconds_since(begin) / 1000, "s");
        timeline_.rows().fold_all(false);
        emit timeline_.rows_changed();
        settle();
        const auto& rows = timeline_.rows().scrolled();
        row("tracks seen",
            static_cast<double>(std::count_if(
                rows.begin(), rows.end(), [](const Row& one) { return one.top < size.height(); })),
            "");
    }

    void measure() {
        zoom();
        for (const double part : {1.0 / 2, 1.0 / 16, 1.0 / 256, 1.0 / 65536}) pan(part);
        scroll();
        row("frame, all, CPU time, median", percentile(all_cpu_, 50), "ms");
        row("frame, all, CPU time, 95 %", percentile(all_cpu_, 95), "ms");
        row("frame, all, CPU time, worst", percentile(all_cpu_, 100), "ms");
        row("frame, all, wall clock, 95 %", percentile(all_wall_, 95), "ms");
        row("sharp after a move, median", percentile(sharp_, 50), "ms");
        row("sharp after a move, worst", percentile(sharp_, 100), "ms");
    }

  private:
    void turn() {
        QApplication::processEvents();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    void settle() {
        do turn();
        while (!view_.settled());
    }

    void play(const std::string& name, const std::function<void(int)>& move) {
        std::vector<double> cpu;
        std::vector<double> wall;
        for (int i = 0; i < frames; ++i) {
            const auto begin = Clock::now();
            const double before = thread_time();
            move(i);
            QApplication::processEvents();
            view_.viewport()->repaint();
            cpu.push_back(thread_time() - before);
            wall.push_back(milliseconds_since(begin));
            std::this_thread::sleep_until(begin + frame_time);
        }
        const auto begin = Clock::now();
        settle();
        sharp_.push_back(milliseconds_since(begin));
        row(name + ", CPU time, median", percentile(cpu, 50), "ms");
        row(name + ", CPU time, 95 %", percentile(cpu, 95), "ms");
        row(name + ", wall clock, 95 %", percentile(wall, 95), "ms");
        all_cpu_.insert(all_cpu_.end(), cpu.begin(), cpu.end());
        all_wall_.insert(all_wall_.end(), wall.begin(), wall.end());
    }

    void zoom() {
        show(1);
        play("zoom in", [&](int) { view_.zoom_by(std::pow(1.0 / 65536, 1.0 / frames), 0.4); });
        play("zoom out", [&](int) { view_.zoom_by(std::pow(65536.0, 1.0 / frames), 0.6); });
    }
    void pan(double part) {
        show(part);
        const std::string name = "pan, 1/" + std::to_string(std::lround(1 / part));
        play(name, [&](int i) { view_.pan_by(i % 40 < 20 ? 0.03 : -0.03); });
    }
    void scroll() {
        show(1.0 / 4);
        play("scroll", [&](int) { view_.scroll_by(11); });
    }
    void show(double part) {
        Viewport& viewport = timeline_.viewport();
        const Span& all = viewport.limits();
        viewport.show(all.at(0.5 - part / 2), all.at(0.5 + part / 2));
        viewport.jump();
        emit timeline_.view_changed();
        settle();
    }

    TraceLoader loader_;
    Selection selection_;
    Timeline timeline_;
    TimelineView view_;
    std::vector<double> all_cpu_;
    std::vector<double> all_wall_;
    std::vector<double> sharp_;
};

}  // namespace

int main(int count, char** words) {
    if (count != 2) {
        std::fprintf(stderr, "say: timeline_bench FILE\n");
        return 2;
    }
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(count, words);
    Bench(words[1]).measure();
    return 0;
}
