#include "snapshots/diff_entry.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <vector>

#include "snapshots/description.hpp"
#include "snapshots/entry_state.hpp"

namespace mox::snapshots {

namespace {

constexpr off_t longest_text = 8 << 20;

/// The target of a symlink that is open with O_PATH.
Expected<std::string> target_of(int symlink, const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(symlink, "", target.data(), target.size());
    if (length < 0) return fail_errno(ErrorKind::snapshot, path);
    return std::string(target.data(), static_cast<std::size_t>(length));
}

}  // namespace

Expected<bool> DiffEntry::is_text() const {
    if (status.st_size > longest_text) return false;
    std::vector<char> block(64 << 10);
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(file.get(), block.data(), block.size(), at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(ErrorKind::snapshot, "a changed file cannot be read");
        if (got == 0) return true;
        if (std::find(block.begin(), block.begin() + got, '\0') != block.begin() + got) return false;
        at += got;
        if (at > longest_text) return false;  // it is growing
    }
}

Expected<std::optional<DiffEntry>> diff_entry(int root, const std::string& path) {
    constexpr auto kind = ErrorKind::snapshot;
    const auto name = "/" + escaped_for_display(path);
    const auto handle = open_beneath(root, path, O_PATH);
    if (!handle && means_absent(handle.error())) return std::optional<DiffEntry>();
    if (!handle) return fail_errno(kind, name, handle.error());

    DiffEntry entry;
    if (::fstat(handle->get(), &entry.status) != 0) return fail_errno(kind, name);
    if (S_ISLNK(entry.status.st_mode)) {
        auto target = TRY(target_of(handle->get(), name));
        entry.link_target = std::move(target);
    }
    if (S_ISREG(entry.status.st_mode)) {
        auto file = open_beneath(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        entry.unreadable = !file;
        if (file) entry.file = std::move(*file);
    }
    return entry;
}

std::string description_of(const DiffEntry& entry) {
    switch (entry.status.st_mode & S_IFMT) {
        case S_IFREG:
            return "file";
        case S_IFDIR:
            return "directory";
        case S_IFLNK:
            return "symlink to \"" + escaped_for_display(entry.link_target) + "\"";
        case S_IFCHR:
            return "character device " + device_text(entry.status);
        case S_IFBLK:
            return "block device " + device_text(entry.status);
        case S_IFIFO:
            return "FIFO";
        case S_IFSOCK:
            return "socket";
        default:
            return "something of unknown type";
    }
}

std::string mode_text(const struct stat& status) {
    std::array<char, 8> text{};
    const unsigned mode = status.st_mode & 07777U;
    static_cast<void>(std::snprintf(text.data(), text.size(), "%04o", mode));
    return text.data();
}

std::string owner_text(const struct stat& status) {
    return std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid);
}

std::string device_text(const struct stat& status) {
    return std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
}

}  // namespace mox::snapshots
