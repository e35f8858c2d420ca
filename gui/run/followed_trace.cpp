// SPDX-License-Identifier: Apache-2.0
// FollowedTrace: a thread that looks for more ten times a second.
#include "gui/run/followed_trace.hpp"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <chrono>

namespace inspector {

namespace {

constexpr qint64 piece = 256 * 1024;
constexpr auto pause = std::chrono::milliseconds(100);

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ (64 bits), which can be continued.
constexpr uint64_t digest_start = 0xcbf29ce484222325;

uint64_t digest_on(uint64_t digest, const QByteArray& bytes) {
    constexpr uint64_t prime = 0x100000001b3;
    for (const char byte : bytes) digest = (digest ^ static_cast<unsigned char>(byte)) * prime;
    return digest;
}

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
        if (open_file()) look(last_look);
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

void FollowedTrace::look(bool last) {
    if (is_another(last)) {
        loader_->restart();
        read_ = 0;
    }
    while (!cancelled_ && read_some()) {
    }
    loader_->take_over();
    // Only now, for what was not read yet when the run was taken back makes the file longer too.
    if (doubted_.exchange(false)) suspect_ = true;
}

bool FollowedTrace::is_another(bool last) {
    const qint64 size = file_.size();
    if (size < read_) return true;
    // Longer than what was read, it is being written behind that, which so stands as it will.
    if (!last && !(suspect_ && size > read_)) return false;
    suspect_ = false;
    uint64_t digest = digest_start;
    qint64 rest = read_;
    file_.seek(0);
    while (rest > 0 && !cancelled_) {
        const QByteArray bytes = file_.read(std::min(piece, rest));
        if (bytes.isEmpty()) return true;
        digest = digest_on(digest, bytes);
        rest -= bytes.size();
    }
    return rest == 0 && read_ > 0 && digest != digest_;
}

bool FollowedTrace::read_some() {
    file_.seek(read_);
    const QByteArray bytes = file_.read(piece);
    if (bytes.isEmpty()) return false;
    digest_ = digest_on(read_ == 0 ? digest_start : digest_, bytes);
    read_ += bytes.size();
    loader_->append({bytes.constData(), static_cast<size_t>(bytes.size())});
    return true;
}

}  // namespace inspector
