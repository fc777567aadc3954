#include "storage/subvolume.hpp"

#include <btrfsutil.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/directory.hpp"
#include "base/unique_fd.hpp"
#include "storage/device_users.hpp"
#include "storage/subvolume_mounts.hpp"

namespace mox::storage {

namespace {

constexpr auto kind = ErrorKind::card;

/// BTRFS_ROOT_SUBVOL_RDONLY of the kernel's btrfs_tree.h: a flag of the root item on the disk.
constexpr std::uint64_t read_only_root_flag = 1;

std::string describe_name(std::string_view name) {
    return "subvolume " + std::string(name);
}

/// Checks that `name` is a plain name, which cannot lead out of the directory.
Expected<std::string> checked_name_of(std::string_view name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
        name.find('\0') != std::string_view::npos)
        return fail(ErrorKind::internal, "\"" + std::string(name) + "\" is not the name of a subvolume");
    return std::string(name);
}

/// libbtrfsutil returns which call failed, errno holds the reason.
Expected<void> checked(btrfs_util_error result, std::string_view what) {
    if (result == BTRFS_UTIL_OK) return {};
    const int reason = errno;
    const std::string step = btrfs_util_strerror(result);
    if (reason == 0) return fail(kind, std::string(what) + ": " + step);
    return fail_errno(kind, std::string(what) + ": " + step, reason);
}

Expected<UniqueFd> open_subvolume(int directory, std::string_view name) {
    auto checked_name = TRY(checked_name_of(name));
    UniqueFd fd(::openat(directory, checked_name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return fail_errno(kind, describe_name(name));
    errno = 0;
    TRY(checked(btrfs_util_is_subvolume_fd(fd.get()), describe_name(name)));
    return fd;
}

struct DestroyIterator {
    void operator()(btrfs_util_subvolume_iterator* iterator) const {
        btrfs_util_destroy_subvolume_iterator(iterator);
    }
};

struct FreeText {
    // Allocated by libbtrfsutil. NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    void operator()(char* text) const { std::free(text); }
};

struct NestedSubvolume {
    std::string path;
    std::uint64_t id = 0;
};

/// The subvolumes inside an open subvolume, outer ones first.
Expected<std::vector<NestedSubvolume>> nested_in(int subvolume, std::string_view name) {
    btrfs_util_subvolume_iterator* raw = nullptr;
    errno = 0;
    TRY(checked(btrfs_util_create_subvolume_iterator_fd(subvolume, 0, 0, &raw), describe_name(name)));
    const std::unique_ptr<btrfs_util_subvolume_iterator, DestroyIterator> iterator(raw);

    std::vector<NestedSubvolume> found;
    for (;;) {
        char* path = nullptr;
        std::uint64_t id = 0;
        errno = 0;
        const auto result = btrfs_util_subvolume_iterator_next(iterator.get(), &path, &id);
        if (result == BTRFS_UTIL_ERROR_STOP_ITERATION) return found;
        const std::unique_ptr<char, FreeText> owned(path);
        TRY(checked(result, describe_name(name)));
        found.push_back({path, id});
    }
}

Expected<void> make_writable(int subvolume, std::string_view name) {
    errno = 0;
    return checked(btrfs_util_set_subvolume_read_only_fd(subvolume, false), describe_name(name));
}

/// A read-only subvolume can be deleted, but subvolumes inside it cannot.
Expected<void> free_nested_subvolumes(int subvolume, std::string_view name) {
    auto nested = TRY(nested_in(subvolume, name));
    if (nested.empty()) return {};
    TRY(make_writable(subvolume, name));
    for (const auto& [path, id] : nested) {
        const UniqueFd inner(
            ::openat(subvolume, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!inner) return fail_errno(kind, describe_name(name) + "/" + path);
        TRY(make_writable(inner.get(), path));
    }
    return {};
}

/// The kernel makes no snapshot of a subvolume with an active swap file.
std::unexpected<Error> fail_because_of_swap(int subvolume, std::string_view what) {
    struct stat about{};
    const auto files = ::fstat(subvolume, &about) == 0 ? active_swap_files_on(about.st_dev) : std::string();
    return fail(
        kind, std::string(what) + ": a swap file in it is active" + (files.empty() ? "" : " (" + files + ")"),
        {"disable it with swapoff, and try again"});
}

}  // namespace

Expected<void> create_subvolume(int directory, std::string_view name) {
    auto checked_name = TRY(checked_name_of(name));
    errno = 0;
    return checked(btrfs_util_create_subvolume_fd(directory, checked_name.c_str(), 0, nullptr, nullptr),
                   describe_name(name));
}

Expected<void> snapshot_subvolume(int directory, std::string_view source, std::string_view name,
                                  Access access) {
    auto from = TRY(open_subvolume(directory, source));
    auto to = TRY(checked_name_of(name));
    const int flags = access == Access::read_only ? BTRFS_UTIL_CREATE_SNAPSHOT_READ_ONLY : 0;
    errno = 0;
    const auto made =
        btrfs_util_create_snapshot_fd2(from.get(), directory, to.c_str(), flags, nullptr, nullptr);
    const auto what = "snapshot " + to + " of " + std::string(source);
    if (made != BTRFS_UTIL_OK && errno == ETXTBSY) return fail_because_of_swap(from.get(), what);
    return checked(made, what);
}

Expected<void> require_not_mounted(int directory, std::string_view name, std::string_view what) {
    auto subvolume = TRY(open_subvolume(directory, name));
    std::vector<std::uint64_t> ids(1);
    errno = 0;
    TRY(checked(btrfs_util_subvolume_id_fd(subvolume.get(), ids.data()), describe_name(name)));
    const auto nested = TRY(nested_in(subvolume.get(), name));
    for (const auto& one : nested) ids.push_back(one.id);
    const auto mounts = mounts_of(TRY(subvolume_mounts(directory)), ids);
    if (mounts.empty()) return {};
    return std::unexpected(mounted_error(what, mounts));
}

Expected<void> delete_subvolume(int directory, std::string_view name) {
    TRY(require_not_mounted(directory, name, describe_name(name)));
    auto subvolume = TRY(open_subvolume(directory, name));
    TRY(free_nested_subvolumes(subvolume.get(), name));
    subvolume.reset();
    errno = 0;
    return checked(btrfs_util_delete_subvolume_fd(directory, std::string(name).c_str(),
                                                  BTRFS_UTIL_DELETE_SUBVOLUME_RECURSIVE),
                   describe_name(name));
}

Expected<std::vector<std::string>> nested_subvolumes(int directory, std::string_view name) {
    auto subvolume = TRY(open_subvolume(directory, name));
    const auto nested = TRY(nested_in(subvolume.get(), name));
    std::vector<std::string> paths;
    paths.reserve(nested.size());
    for (const auto& one : nested) paths.push_back(one.path);
    return paths;
}

Expected<void> exchange(int directory, std::string_view left, std::string_view right) {
    auto one = TRY(checked_name_of(left));
    auto other = TRY(checked_name_of(right));
    if (::renameat2(directory, one.c_str(), directory, other.c_str(), RENAME_EXCHANGE) != 0)
        return fail_errno(kind, "exchange of " + one + " and " + other);
    return {};
}

bool is_subvolume(int directory, std::string_view name) {
    return open_subvolume(directory, name).has_value();
}

Expected<bool> subvolume_exists(int directory, std::string_view name) {
    const auto subvolume = open_subvolume(directory, name);
    if (subvolume) return true;
    // libbtrfsutil returns EINVAL for a directory that is not a subvolume.
    constexpr std::array not_a_subvolume{ENOENT, ENOTDIR, ELOOP, EINVAL};
    if (std::ranges::find(not_a_subvolume, subvolume.error().reason()) != not_a_subvolume.end()) return false;
    return std::unexpected(subvolume.error());
}

Expected<SubvolumeInfo> subvolume_info(int directory, std::string_view name) {
    auto subvolume = TRY(open_subvolume(directory, name));
    struct btrfs_util_subvolume_info found{};
    errno = 0;
    TRY(checked(btrfs_util_subvolume_info_fd(subvolume.get(), 0, &found), describe_name(name)));

    SubvolumeInfo info{.id = found.id,
                       .generation = found.generation,
                       .read_only = (found.flags & read_only_root_flag) != 0};
    std::ranges::copy(found.uuid, info.uuid.begin());
    std::ranges::copy(found.parent_uuid, info.parent_uuid.begin());
    return info;
}

Expected<std::string> subvolume_path(int top, int directory) {
    std::uint64_t id = 0;
    char* path = nullptr;
    errno = 0;
    TRY(checked(btrfs_util_subvolume_id_fd(directory, &id), "the subvolume of a directory"));
    TRY(checked(btrfs_util_subvolume_path_fd(top, id, &path), "the path of a subvolume"));
    const std::unique_ptr<char, FreeText> owned(path);
    return std::string(path);
}

Expected<std::vector<std::string>> subvolumes_in(int directory) {
    auto own = open_again(directory);
    if (!own) return fail_errno(kind, "list of subvolumes");
    std::vector<std::string> directories;
    const auto read = for_each_entry(std::move(own), [&](std::string_view name, unsigned char type) {
        if (type == DT_DIR) directories.emplace_back(name);
    });
    if (!read) return fail_errno(kind, "list of subvolumes", read.error());
    std::vector<std::string> names;
    for (auto& name : directories) {
        const bool exists = TRY(subvolume_exists(directory, name));
        if (exists) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
}

Expected<Uuid> file_system_uuid(int directory) {
    btrfs_ioctl_fs_info_args info{};
    if (::ioctl(directory, BTRFS_IOC_FS_INFO, &info) != 0) return fail_errno(kind, "the card's btrfs");
    Uuid uuid{};
    std::ranges::copy(info.fsid, uuid.begin());
    return uuid;
}

Expected<void> sync_filesystem(int directory) {
    if (::syncfs(directory) != 0) return fail_errno(kind, "the card could not be written");
    return {};
}

}  // namespace mox::storage
