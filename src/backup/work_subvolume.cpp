#include "backup/work_subvolume.hpp"

#include <btrfsutil.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "snapshots/stale_work.hpp"
#include "storage/subvolume.hpp"

namespace mox::backup {

namespace {

bool exists(int top, const std::string& name) {
    struct stat about{};
    return ::fstatat(top, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
}

/// Precondition: the lock of the file system is held.
std::string free_name(int top) {
    for (unsigned number = 1;; ++number)
        if (auto name = std::string(snapshots::work_prefix) + std::to_string(number); !exists(top, name))
            return name;
}

UniqueFd open_directory(int top, const std::string& name) {
    return UniqueFd(::openat(top, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace

WorkSubvolume::WorkSubvolume(int top, std::string name, UniqueFd root)
    : top_(top), name_(std::move(name)), root_(std::move(root)) {}

WorkSubvolume::WorkSubvolume(WorkSubvolume&& other) noexcept
    : top_(other.top_), name_(std::exchange(other.name_, {})), root_(std::move(other.root_)) {}

WorkSubvolume::~WorkSubvolume() {
    // An error cannot be handled here; the next writer deletes the subvolume then.
    if (name_.empty()) return;
    [[maybe_unused]] const auto deleted = storage::delete_subvolume(top_, name_);
}

Expected<WorkSubvolume> WorkSubvolume::locked(int top, std::string name) {
    auto root = open_directory(top, name);
    if (!root) return fail_errno(ErrorKind::card, name);
    if (::flock(root.get(), LOCK_EX | LOCK_NB) != 0) return fail_errno(ErrorKind::card, "lock of " + name);
    return WorkSubvolume(top, std::move(name), std::move(root));
}

Expected<WorkSubvolume> WorkSubvolume::copy_of(const snapshots::Writer& writer, const std::string& source) {
    const int top = writer.directory();
    auto name = free_name(top);
    TRY(storage::snapshot_subvolume(top, source, name, storage::Access::read_only));
    return locked(top, std::move(name));
}

Expected<WorkSubvolume> WorkSubvolume::empty(const snapshots::Writer& writer) {
    const int top = writer.directory();
    auto name = free_name(top);
    TRY(storage::create_subvolume(top, name));
    return locked(top, std::move(name));
}

Expected<void> WorkSubvolume::seal() {
    errno = 0;
    if (btrfs_util_set_subvolume_read_only_fd(root_.get(), true) != BTRFS_UTIL_OK)
        return fail_errno(ErrorKind::card, name_ + " cannot be made read-only");
    return storage::sync_filesystem(top_);
}

Expected<void> WorkSubvolume::rename_to(const snapshots::Writer& writer, const std::string& name) {
    const int top = writer.directory();
    if (::renameat2(top, name_.c_str(), top, name.c_str(), RENAME_NOREPLACE) != 0)
        return fail_errno(ErrorKind::card, name);
    name_.clear();
    return storage::sync_filesystem(top);
}

Expected<void> WorkSubvolume::replace(const snapshots::Writer& writer, const std::string& name) {
    const int top = writer.directory();
    TRY(storage::exchange(top, name_, name));
    return storage::sync_filesystem(top);
}

}  // namespace mox::backup
