#include "snapshots/entry_state.hpp"

#include <fcntl.h>
#include <linux/btrfs_tree.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <map>
#include <string>
#include <string_view>

#include "base/descriptor_path.hpp"
#include "snapshots/compare_tree_search.hpp"

namespace mox::snapshots {

namespace {

/// The kernel accepts paths shorter than PATH_MAX; paths in a tree may be longer.
constexpr std::size_t longest_step = PATH_MAX / 2;

std::expected<UniqueFd, int> open_step(int directory, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_NOFOLLOW | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd < 0) return std::unexpected(errno);
    return UniqueFd(static_cast<int>(fd));
}

mode_t type_of(const struct stat& entry) {
    return entry.st_mode & S_IFMT;
}

std::expected<std::string, int> link_target(int directory, const std::string& name) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
    if (length < 0) return std::unexpected(errno);
    return std::string(target.data(), static_cast<std::size_t>(length));
}

std::expected<bool, int> same_target(const EntryPair& pair) {
    const auto left = TRY(link_target(pair.left_directory, pair.name));
    const auto right = TRY(link_target(pair.right_directory, pair.name));
    return left == right;
}

std::expected<Differences, int> differences_of(const ComparedTrees& trees, const EntryPair& pair,
                                               const struct stat& left, const struct stat& right) {
    Differences found;
    found.mode = left.st_mode != right.st_mode;
    found.owner = left.st_uid != right.st_uid || left.st_gid != right.st_gid;

    std::expected<bool, int> xattrs = same_xattrs(pair);
    std::expected<bool, int> body = true;
    if (S_ISREG(left.st_mode)) body = same_content(trees, pair, left, right);
    if (S_ISLNK(left.st_mode)) body = same_target(pair);
    for (const auto* answer : {&xattrs, &body}) {
        if (*answer) continue;
        if (is_out_of_resources(answer->error())) return std::unexpected(answer->error());
        found.unreadable = true;
    }
    found.xattrs = !xattrs.value_or(true);
    found.content = S_ISREG(left.st_mode) && !body.value_or(true);
    found.link_target = S_ISLNK(left.st_mode) && !body.value_or(true);
    if (S_ISCHR(left.st_mode) || S_ISBLK(left.st_mode)) found.device = left.st_rdev != right.st_rdev;
    return found;
}

}  // namespace

std::expected<UniqueFd, int> open_beneath(int root, std::string_view path, int flags) {
    UniqueFd held;
    int directory = root;
    while (path.size() > longest_step) {
        const auto slash = path.rfind('/', longest_step);
        if (slash == std::string_view::npos) return std::unexpected(ENAMETOOLONG);
        auto next = TRY(open_step(directory, std::string(path.substr(0, slash)), O_PATH | O_DIRECTORY));
        held = std::move(next);
        directory = held.get();
        path.remove_prefix(slash + 1);
    }
    return open_step(directory, path.empty() ? "." : std::string(path), flags);
}

bool means_absent(int error_number) {
    return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
}

bool is_out_of_resources(int error_number) {
    return error_number == ENOMEM || error_number == EMFILE || error_number == ENFILE;
}

std::expected<std::optional<struct stat>, int> stat_entry(int directory, const std::string& name) {
    if (directory < 0) return std::optional<struct stat>();
    struct stat found{};
    if (::fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0) return found;
    if (means_absent(errno)) return std::optional<struct stat>();
    return std::unexpected(errno);
}

bool is_boundary(const ComparedTree& tree, const struct stat& entry) {
    return S_ISDIR(entry.st_mode) &&
           (entry.st_dev != tree.device || (tree.btrfs && entry.st_ino == BTRFS_EMPTY_SUBVOL_DIR_OBJECTID));
}

std::expected<EntryComparison, int> compare_entry(const ComparedTrees& trees, const EntryPair& pair) {
    const auto left = stat_entry(pair.left_directory, pair.name);
    const auto right = stat_entry(pair.right_directory, pair.name);
    for (const auto* side : {&left, &right}) {
        if (*side) continue;
        if (is_out_of_resources(side->error())) return std::unexpected(side->error());
        return EntryComparison{.change = ChangeKind::changed, .differences = {.unreadable = true}};
    }

    const auto has_more = [](const ComparedTree& tree, const std::optional<struct stat>& entry) {
        return entry && S_ISDIR(entry->st_mode) && !is_boundary(tree, *entry);
    };
    EntryComparison comparison{.left_has_more = has_more(trees.left, *left),
                               .right_has_more = has_more(trees.right, *right)};
    if (!*left || !*right) {
        if (*left) comparison.change = ChangeKind::removed;
        if (*right) comparison.change = ChangeKind::added;
        return comparison;
    }

    if (type_of(**left) != type_of(**right)) {
        comparison.differences.type = true;
    } else if (!is_boundary(trees.left, **left) && !is_boundary(trees.right, **right)) {
        const auto found = TRY(differences_of(trees, pair, **left, **right));
        comparison.differences = found;
    }
    if (comparison.differences.any()) comparison.change = ChangeKind::changed;
    return comparison;
}

namespace {

using Xattrs = std::map<std::string, std::string, std::less<>>;

/// Calls a getxattr-like function until its result fits into the buffer.
template <typename Get>
std::expected<std::string, int> all_of(const Get& get) {
    std::string answer;
    for (;;) {
        const ssize_t needed = get(nullptr, 0);
        if (needed < 0) return std::unexpected(errno);
        if (needed == 0) return std::string();
        answer.resize(static_cast<std::size_t>(needed));
        const ssize_t got = get(answer.data(), answer.size());
        if (got >= 0) {
            answer.resize(static_cast<std::size_t>(got));
            return answer;
        }
        if (errno != ERANGE) return std::unexpected(errno);  // ERANGE: the value has grown meanwhile
    }
}

std::expected<Xattrs, int> xattrs_of(int directory, const std::string& entry) {
    const auto path = descriptor_path(directory, entry);
    const auto names =
        all_of([&](char* buffer, std::size_t size) { return ::llistxattr(path.c_str(), buffer, size); });
    if (!names && names.error() == ENOTSUP) return Xattrs();
    if (!names) return std::unexpected(names.error());

    Xattrs found;
    for (std::string_view rest = *names; !rest.empty();) {
        const std::string name(rest.substr(0, rest.find('\0')));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
        auto value = all_of([&](char* buffer, std::size_t size) {
            return ::lgetxattr(path.c_str(), name.c_str(), buffer, size);
        });
        if (!value && value.error() == ENODATA) continue;  // removed meanwhile
        if (!value) return std::unexpected(value.error());
        found.emplace(name, std::move(*value));
    }
    return found;
}

}  // namespace

std::expected<bool, int> same_xattrs(const EntryPair& pair) {
    const auto left = TRY(xattrs_of(pair.left_directory, pair.name));
    const auto right = TRY(xattrs_of(pair.right_directory, pair.name));
    return left == right;
}

}  // namespace mox::snapshots
