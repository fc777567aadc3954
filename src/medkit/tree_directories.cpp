#include "medkit/tree_directories.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "medkit/extended_attributes.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t kept_open = 64;

/// -1 and errno as open(2).
int open_beneath(int root, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    for (;;) {
        const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
        // EAGAIN: the kernel could not exclude an escape because of a concurrent rename (openat2(2)).
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return static_cast<int>(fd);
    }
}

bool is_directory(int directory, const std::string& name) {
    struct stat status{};
    return ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

SplitPath split_path(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) return {.directory = {}, .name = path};
    return {.directory = path.substr(0, slash), .name = path.substr(slash + 1)};
}

std::unexpected<Error> fail_on_card(std::string_view path, int number) {
    if (number == ENOSPC || number == EDQUOT)
        return std::unexpected(
            Error(ErrorKind::card, "the card is full, no space for " + std::string(path), number)
                .with_hint({"use a larger card, or another medkit"}));
    return fail_errno(ErrorKind::card, "cannot write " + std::string(path), number);
}

Expected<void> remove_entry(int directory, std::string_view name, std::string_view path) {
    const std::string entry(name);
    if (::unlinkat(directory, entry.c_str(), 0) == 0) return {};
    if (errno == EISDIR && ::unlinkat(directory, entry.c_str(), AT_REMOVEDIR) == 0) return {};
    return fail_on_card(path, errno);
}

Expected<DirectoryHandle> TreeDirectories::open(std::string_view path) {
    std::string key(path);
    if (const auto known = open_.find(key); known != open_.end()) return known->second;
    auto handle = open_or_create(path);
    if (!handle) return handle;
    TRY(suspend_default_acl((*handle)->get(), path));
    if (open_.size() >= kept_open) open_.clear();
    open_.emplace(std::move(key), *handle);
    return handle;
}

Expected<DirectoryHandle> TreeDirectories::open_or_create(std::string_view path) {
    const std::string name = path.empty() ? "." : std::string(path);
    int fd = open_beneath(root_, name);
    if (fd < 0 && errno == ENOENT && !path.empty()) {
        const auto [directory, leaf] = split_path(path);
        const auto parent = TRY(open(directory));
        if (::mkdirat(parent->get(), std::string(leaf).c_str(), 0755) != 0) return fail_on_card(path, errno);
        fd = open_beneath(root_, name);
    }
    if (fd < 0) return fail_on_card(path, errno);
    return std::make_shared<const UniqueFd>(fd);
}

Expected<void> TreeDirectories::suspend_default_acl(int directory, std::string_view path) {
    const std::string name(default_acl);
    const ssize_t size = ::fgetxattr(directory, name.c_str(), nullptr, 0);
    if (size < 0 && (errno == ENODATA || errno == ENOTSUP)) return {};
    if (size < 0) return fail_on_card(path, errno);
    std::string value(static_cast<std::size_t>(size), '\0');
    if (::fgetxattr(directory, name.c_str(), value.data(), value.size()) != size ||
        ::fremovexattr(directory, name.c_str()) != 0)
        return fail_on_card(path, errno);
    suspended_.insert_or_assign(std::string(path), ExtendedAttribute{name, std::move(value)});
    return {};
}

Expected<void> TreeDirectories::make(std::string_view path) {
    if (path.empty()) return {};
    const auto [directory, leaf] = split_path(path);
    const auto parent = TRY(open(directory));

    constexpr mode_t until_attributes_are_set = 0700;
    const int fd = parent->get();
    const std::string name(leaf);
    if (::mkdirat(fd, name.c_str(), until_attributes_are_set) == 0) return {};
    if (errno != EEXIST) return fail_on_card(path, errno);
    if (is_directory(fd, name)) return {};
    TRY(remove_entry(fd, leaf, path));
    if (::mkdirat(fd, name.c_str(), until_attributes_are_set) != 0) return fail_on_card(path, errno);
    return {};
}

}  // namespace mox::medkit
