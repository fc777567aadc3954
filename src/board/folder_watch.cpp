#include "board/folder_watch.hpp"

#include <sys/inotify.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace mox::board {

namespace {

/// devtmpfs and udev create a node first and give it its permissions later.
constexpr std::uint32_t changes = IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF;

/// Watches `folder`, or its nearest ancestor that exists. Returns which.
Expected<std::filesystem::path> watch_nearest(int inotify, std::filesystem::path folder) {
    while (::inotify_add_watch(inotify, folder.c_str(), changes) < 0) {
        if (errno != ENOENT || folder == folder.parent_path())
            return fail_errno(ErrorKind::internal, "cannot watch " + folder.native());
        folder = folder.parent_path();
    }
    return folder;
}

}  // namespace

Expected<FolderWatch> FolderWatch::on(const std::filesystem::path& folder) {
    UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd) return fail_errno(ErrorKind::internal, "inotify");
    // What was missing may have been created just before its ancestor was watched: look until nothing is
    // nearer.
    for (std::filesystem::path watched;;) {
        auto nearest = TRY(watch_nearest(fd.get(), folder));
        if (nearest == watched) break;
        watched = std::move(nearest);
    }
    return FolderWatch(std::move(fd));
}

}  // namespace mox::board
