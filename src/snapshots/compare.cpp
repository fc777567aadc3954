#include "snapshots/compare.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "snapshots/changed_inodes.hpp"
#include "snapshots/compare_candidates.hpp"
#include "snapshots/entry_state.hpp"
#include "snapshots/tree_walk.hpp"

namespace mox::snapshots {

namespace {

constexpr auto kind = ErrorKind::snapshot;

/// "/etc//config/" -> "etc/config".
Expected<std::string> normalized(std::string_view below) {
    std::string path;
    for (std::string_view rest = below; !rest.empty();) {
        const auto name = rest.substr(0, rest.find('/'));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
        if (name.empty() || name == ".") continue;
        if (name == "..") return fail(kind, "the path to compare must not contain \"..\"");
        path = joined(path, name);
    }
    if (path.find('\0') != std::string::npos)
        return fail(kind, "the path to compare must not contain a zero byte");
    return path;
}

/// The status of `path` in one tree; nullopt: it does not exist.
Expected<std::optional<struct stat>> stat_beneath(int root, const std::string& path) {
    const auto fd = open_beneath(root, path, O_PATH);
    struct stat found{};
    if (fd && ::fstat(fd->get(), &found) == 0) return found;
    const int reason = fd ? errno : fd.error();
    if (means_absent(reason)) return std::optional<struct stat>();
    return fail_errno(kind, "/" + path, reason);
}

/// One side: its root, and the entry where the comparison starts.
struct Side {
    int root = -1;
    struct stat root_entry{};
    std::optional<struct stat> start{};
    bool btrfs = false;

    /// Whether the root is the root of a subvolume, and the start belongs to it: then one btrfs tree holds
    /// everything to compare.
    [[nodiscard]] bool in_one_tree() const {
        return btrfs && root_entry.st_ino == BTRFS_FIRST_FREE_OBJECTID && start &&
               start->st_dev == root_entry.st_dev;
    }
    [[nodiscard]] ComparedTree tree() const {
        return {.root = root, .device = start ? start->st_dev : root_entry.st_dev, .btrfs = btrfs};
    }
};

Expected<Side> examine(int root, const std::string& below) {
    Side side{.root = root};
    struct statfs file_system{};
    if (::fstat(root, &side.root_entry) != 0 || ::fstatfs(root, &file_system) != 0)
        return fail_errno(kind, "a tree to compare");
    side.btrfs = file_system.f_type == BTRFS_SUPER_MAGIC;
    auto start = TRY(stat_beneath(root, below));
    side.start = start;
    return side;
}

using FileSystemId = std::array<std::uint8_t, BTRFS_FSID_SIZE>;

std::optional<FileSystemId> btrfs_of(const Side& side) {
    btrfs_ioctl_fs_info_args info{};
    if (!side.btrfs || ::ioctl(side.root, BTRFS_IOC_FS_INFO, &info) != 0) return std::nullopt;
    return std::to_array(info.fsid);
}

struct SubvolumeState {
    storage::Uuid uuid{};
    bool read_only = false;
};

std::optional<SubvolumeState> subvolume_of(const Side& side) {
    btrfs_ioctl_get_subvol_info_args info{};
    // The kernel sometimes returns 1 instead of 0 (for the subvolume with the highest number, for example).
    if (::ioctl(side.root, BTRFS_IOC_GET_SUBVOL_INFO, &info) < 0) return std::nullopt;
    SubvolumeState state{.read_only = (info.flags & BTRFS_ROOT_SUBVOL_RDONLY) != 0};
    std::ranges::copy(info.uuid, state.uuid.begin());
    return state;
}

/// Writes all data to the trees: a tree search does not return unwritten data.
Expected<void> sync_what_is_writable(const Side& left, const Side& right) {
    for (const auto* side : {&left, &right}) {
        const auto subvolume = subvolume_of(*side);
        if (subvolume && subvolume->read_only) continue;
        if (::syncfs(side->root) != 0)
            return fail_errno(ErrorKind::card, "the file system could not be synced before the comparison");
        return {};  // both are on the same one
    }
    return {};
}

/// The candidates from the btrfs trees; nullopt if they cannot be read, for any reason: the walk gives the
/// same result, and a better message if the file system is damaged.
std::optional<Candidates> candidates_from_btrfs(const Side& left, const Side& right) {
    if (!left.in_one_tree() || !right.in_one_tree()) return std::nullopt;
    const auto one = subvolume_of(left);
    const auto other = subvolume_of(right);
    if (!one || !other) return std::nullopt;
    const auto origins = subvolume_origins(left.root);
    if (!origins) return std::nullopt;
    const auto common = common_transaction(*origins, one->uuid, other->uuid);
    if (!common) return std::nullopt;
    if (*common == never) return Candidates{};
    auto candidates = changed_since(*common, left.root, right.root);
    if (!candidates) return std::nullopt;
    return std::move(*candidates);
}

Expected<Comparison> compare_sides(const Side& left, const Side& right, const std::string& below,
                                   const CompareOptions& options) {
    ComparedTrees trees{.left = left.tree(), .right = right.tree()};
    const auto file_system = btrfs_of(left);
    trees.share_extents = file_system && file_system == btrfs_of(right);
    if (trees.share_extents) TRY(sync_what_is_writable(left, right));

    Comparison result{.changes = {}, .method = CompareMethod::walk};
    Candidates candidates{.alone = {}, .whole = {below}};
    if (trees.share_extents && options.method == CompareMethod::changed_inodes) {
        if (auto known = candidates_from_btrfs(left, right)) {
            candidates = restricted_to(below, std::move(*known));
            result.method = CompareMethod::changed_inodes;
        }
    }
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    auto changes =
        TRY(compare_candidates(trees, candidates, options.threads == 0 ? processors : options.threads));
    result.changes = std::move(changes);
    return result;
}

}  // namespace

std::vector<std::string_view> names_of(const Differences& differences) {
    std::vector<std::string_view> names;
    const auto add = [&](bool differs, std::string_view name) {
        if (differs) names.push_back(name);
    };
    add(differences.type, "type");
    add(differences.content, "content");
    add(differences.mode, "mode");
    add(differences.owner, "owner");
    add(differences.xattrs, "xattrs");
    add(differences.link_target, "link target");
    add(differences.device, "device");
    add(differences.unreadable, "unreadable");
    return names;
}

Expected<Comparison> compare(int left_root, int right_root, std::string_view below,
                             const CompareOptions& options) {
    try {
        const auto path = TRY(normalized(below));
        auto left = TRY(examine(left_root, path));
        auto right = TRY(examine(right_root, path));
        if (!left.start && !right.start)
            return fail(kind, "/" + path + " exists on neither side, so there is nothing to compare");
        return compare_sides(left, right, path, options);
    } catch (const std::exception& error) {
        return fail(ErrorKind::internal, std::string("the comparison failed: ") + error.what());
    }
}

}  // namespace mox::snapshots
