// SPDX-License-Identifier: Apache-2.0
// FollowedTrace: a thread that looks for more ten times a second.
#include "gui/run/followed_trace.hpp"

#include <QDir>
#include <QFileInfo>
#include <chrono>

namespace inspector {

namespace {

constexpr qint64 piece = 256 * 1024;
constexpr auto pause = std::chrono::milliseconds(100);

}  // namespace

FollowedTrace::FollowedTrace(TraceLoader& loader, QString run_folder)
    : loader_(&loader), run_folder_(std::move(run_folder)), thread_([this] { follow(); }) {}

FollowedTrace::~FollowedTrace() {
    cancelled_ = true;
    thread_.join();
}

void FollowedTrace::end(bool published) {
    published_ = published;
    ended_ = true;
}

void FollowedTrace::follow() {
    // It is being read from now on, though there may be nothing yet.
    loader_->append({});
    while (!cancelled_) {
        const bool last_look = ended_;
        if (open_file()) {
            while (!cancelled_ && read_some()) {
            }
        }
        if (last_look) break;
        std::this_thread::sleep_for(pause);
    }
    if (cancelled_) return;
    loader_->finish();
}

bool FollowedTrace::open_file() {
    if (file_.isOpen()) return true;
    const QFileInfo target(run_folder_);
    QStringList places;
    // Hidden folders of this run and, should one have been killed, of earlier ones: newest first.
    const auto hidden = target.dir().entryInfoList({u'.' + target.fileName() + ".run.*"},
                                                   QDir::Dirs | QDir::Hidden, QDir::Time);
    for (const QFileInfo& folder : hidden) {
        for (const char* name :
             {"trace.partial.pftrace.partial", "trace.partial.pftrace", "trace.pftrace"}) {
            places.append(QDir(folder.filePath()).filePath(QLatin1String(name)));
        }
    }
    // Before its end the folder that stands there is an earlier run's.
    if (published_) places.append(QDir(run_folder_).filePath(QStringLiteral("trace.pftrace")));
    for (const QString& place : places) {
        file_.setFileName(place);
        if (file_.open(QIODevice::ReadOnly | QIODevice::Unbuffered)) return true;
    }
    return false;
}

bool FollowedTrace::read_some() {
    const QByteArray bytes = file_.read(piece);
    if (bytes.isEmpty()) return false;
    loader_->append({bytes.constData(), static_cast<size_t>(bytes.size())});
    return true;
}

}  // namespace inspector
