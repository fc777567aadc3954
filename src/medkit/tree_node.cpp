#include "medkit/tree_node.hpp"

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/descriptor_path.hpp"
#include "medkit/tree_directories.hpp"

namespace mox::medkit {

namespace {

constexpr mode_t permission_bits = 07777;

std::string name_in(const std::string& path) {
    return std::string(split_path(path).name);
}

/// Calls `create`; if the name exists, removes that entry and calls it again. Returns the result of `create`.
template <typename Create>
Expected<int> create_in_place(int directory, const std::string& path, const Create& create) {
    int result = create();
    if (result < 0 && (errno == EEXIST || errno == EISDIR)) {
        TRY(remove_entry(directory, name_in(path), path));
        result = create();
    }
    if (result < 0) return fail_on_card(path, errno);
    return result;
}

std::array<timespec, 2> times_of(const NodeAttributes& attributes) {
    return {timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, attributes.mtime};
}

std::unexpected<Error> fail_on_xattr(std::string_view path, const ExtendedAttribute& xattr, int number) {
    if (number == ENOSPC || number == EDQUOT) return fail_on_card(path, number);
    return fail_errno(ErrorKind::card, "cannot set the attribute " + xattr.name + " of " + std::string(path),
                      number);
}

/// No fsetxattr variant takes a directory and a name, or works on symlinks.
Expected<void> set_xattrs_of_entry(int directory, const std::string& path, const NodeAttributes& attributes) {
    for (const auto& xattr : attributes.xattrs)
        if (::lsetxattr(descriptor_path(directory, name_in(path)).c_str(), xattr.name.c_str(),
                        xattr.value.data(), xattr.value.size(), 0) != 0)
            return fail_on_xattr(path, xattr, errno);
    return {};
}

/// For entries that cannot be opened: symlinks (which have no mode), device nodes, FIFOs.
Expected<void> set_attributes_of_entry(int directory, const std::string& path, EntryKind kind,
                                       const NodeAttributes& attributes) {
    const auto name = name_in(path);
    struct stat status{};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_on_card(path, errno);
    const bool other_owner = status.st_uid != attributes.owner || status.st_gid != attributes.group;
    if (other_owner &&
        ::fchownat(directory, name.c_str(), attributes.owner, attributes.group, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_on_card(path, errno);
    if (kind != EntryKind::symlink && ::fchmodat(directory, name.c_str(), attributes.mode, 0) != 0)
        return fail_on_card(path, errno);
    TRY(set_xattrs_of_entry(directory, path, attributes));
    if (::utimensat(directory, name.c_str(), times_of(attributes).data(), AT_SYMLINK_NOFOLLOW) != 0)
        return fail_on_card(path, errno);
    return {};
}

mode_t type_bits(EntryKind kind) {
    switch (kind) {
        case EntryKind::character_device:
            return S_IFCHR;
        case EntryKind::block_device:
            return S_IFBLK;
        default:
            return S_IFIFO;
    }
}

}  // namespace

Expected<UniqueFd> create_file(int directory, const std::string& path, mode_t mode) {
    const auto name = name_in(path);
    const auto fd = TRY(create_in_place(directory, path, [&] {
        return ::openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        mode & 0777);
    }));
    return UniqueFd(fd);
}

Expected<void> create_special(int directory, const std::string& path, EntryKind kind,
                              const std::string& link_target, const NodeAttributes& attributes) {
    const auto name = name_in(path);
    TRY(create_in_place(directory, path, [&] {
        if (kind == EntryKind::symlink) return ::symlinkat(link_target.c_str(), directory, name.c_str());
        return ::mknodat(directory, name.c_str(), type_bits(kind) | (attributes.mode & 0777),
                         attributes.device);
    }));
    return set_attributes_of_entry(directory, path, kind, attributes);
}

Expected<void> create_hard_link(int directory, const std::string& path, int target_directory,
                                const std::string& target_path) {
    const auto name = name_in(path);
    const auto target = name_in(target_path);
    TRY(create_in_place(directory, path, [&] {
        return ::linkat(target_directory, target.c_str(), directory, name.c_str(), 0);
    }));
    return {};
}

Expected<void> set_xattr(int fd, std::string_view path, const ExtendedAttribute& xattr) {
    if (::fsetxattr(fd, xattr.name.c_str(), xattr.value.data(), xattr.value.size(), 0) != 0)
        return fail_on_xattr(path, xattr, errno);
    return {};
}

Expected<void> remove_xattrs(int fd, std::string_view path) {
    std::string names(XATTR_LIST_MAX, '\0');
    const ssize_t length = ::flistxattr(fd, names.data(), names.size());
    if (length < 0) return fail_on_card(path, errno);
    names.resize(static_cast<std::size_t>(length));
    for (std::string_view rest(names); !rest.empty();) {
        const ExtendedAttribute xattr{std::string(rest.substr(0, rest.find('\0'))), {}};
        rest.remove_prefix(std::min(xattr.name.size() + 1, rest.size()));
        if (is_kept_attribute(xattr.name) && ::fremovexattr(fd, xattr.name.c_str()) != 0 && errno != ENODATA)
            return fail_on_xattr(path, xattr, errno);
    }
    return {};
}

Expected<void> set_attributes(int fd, std::string_view path, const NodeAttributes& attributes) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return fail_on_card(path, errno);
    // Even a call without an effect would cost a transaction of the file system.
    const bool other_owner = status.st_uid != attributes.owner || status.st_gid != attributes.group;
    if (other_owner && ::fchown(fd, attributes.owner, attributes.group) != 0)
        return fail_on_card(path, errno);
    const bool other_mode = (status.st_mode & permission_bits) != attributes.mode;
    if ((other_owner || other_mode) && ::fchmod(fd, attributes.mode) != 0) return fail_on_card(path, errno);
    for (const auto& xattr : attributes.xattrs) TRY(set_xattr(fd, path, xattr));
    if (::futimens(fd, times_of(attributes).data()) != 0) return fail_on_card(path, errno);
    return {};
}

}  // namespace mox::medkit
