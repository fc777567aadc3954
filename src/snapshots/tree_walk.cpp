#include "snapshots/tree_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/directory.hpp"

namespace mox::snapshots {

namespace {

/// Names that one thread compares at a time: the files of a large directory are shared by all threads.
constexpr std::size_t names_at_once = 128;

enum class Depth { entry_only, everything_below };

/// One unit of work. It is small, because there may be many: directories are opened only when it runs.
struct Work {
    std::string directory;           ///< in both trees
    std::vector<std::string> names;  ///< to compare in it; empty: list the directory first
    Depth depth = Depth::everything_below;
};

/// The result of one unit of work.
struct WorkResult {
    std::vector<Change> changes;
    std::vector<Work> more;
};

/// A directory in both trees; -1 where there is none.
struct DirectoryPair {
    UniqueFd left;
    UniqueFd right;
};

std::unexpected<Error> failed(const std::string& path, int error_number) {
    return fail_errno(ErrorKind::snapshot, "comparing /" + path, error_number);
}

/// Opens a directory of one tree for lookups. Empty when it does not exist.
std::expected<UniqueFd, int> open_side(const ComparedTree& tree, const std::string& path) {
    auto fd = open_beneath(tree.root, path, O_PATH | O_DIRECTORY);
    if (!fd && means_absent(fd.error())) return UniqueFd();
    return fd;
}

Expected<DirectoryPair> open_both(const ComparedTrees& trees, const std::string& path) {
    auto left = open_side(trees.left, path);
    if (!left) return failed(path, left.error());
    auto right = open_side(trees.right, path);
    if (!right) return failed(path, right.error());
    return DirectoryPair{std::move(*left), std::move(*right)};
}

Expected<WorkResult> compare_names(const ComparedTrees& trees, const Work& work) {
    auto directories = TRY(open_both(trees, work.directory));

    WorkResult result;
    EntryPair pair{
        .left_directory = directories.left.get(), .right_directory = directories.right.get(), .name = {}};
    for (const auto& name : work.names) {
        pair.name = name;
        auto path = joined(work.directory, name);
        const auto comparison = compare_entry(trees, pair);
        if (!comparison) return failed(path, comparison.error());
        if (work.depth == Depth::everything_below &&
            (comparison->left_has_more || comparison->right_has_more))
            result.more.push_back({.directory = path, .names = {}});
        if (comparison->change)
            result.changes.push_back({.path = std::move(path),
                                      .kind = *comparison->change,
                                      .differences = comparison->differences});
    }
    return result;
}

Expected<WorkResult> list_directory(const ComparedTrees& trees, const Work& work) {
    std::set<std::string> names;
    WorkResult result;
    for (const auto* tree : {&trees.left, &trees.right}) {
        auto listed = names_in(*tree, work.directory);
        if (listed) {
            names.merge(*listed);
        } else if (is_out_of_resources(listed.error())) {
            return failed(work.directory, listed.error());
        } else {
            result.changes = {
                {.path = work.directory, .kind = ChangeKind::changed, .differences = {.unreadable = true}}};
        }
    }
    Work batch{.directory = work.directory, .names = {}};
    while (!names.empty()) {
        batch.names.push_back(std::move(names.extract(names.begin()).value()));
        if (batch.names.size() == names_at_once || names.empty())
            result.more.push_back(std::exchange(batch, {.directory = work.directory, .names = {}}));
    }
    return result;
}

/// The queue of work, and the threads that process it.
class Walk {
public:
    explicit Walk(const ComparedTrees& trees) : trees_(trees) {}

    void add(Work work) { waiting_.push_back(std::move(work)); }

    [[nodiscard]] Expected<std::vector<Change>> run(unsigned threads) {
        {
            std::vector<std::jthread> workers;
            for (unsigned i = 1; i < threads; ++i) workers.emplace_back([this] { run_worker(); });
            run_worker();
        }
        if (error_) return std::unexpected(std::move(*error_));
        return std::move(changes_);
    }

private:
    void run_worker() {
        while (auto work = next()) {
            try {
                finish(work->names.empty() ? list_directory(trees_, *work) : compare_names(trees_, *work));
            } catch (const std::exception& error) {
                finish(fail(ErrorKind::internal, "comparing /" + work->directory + ": " + error.what()));
            }
        }
    }

    /// The newest work first: the queue stays short, and the directories are still in the cache.
    std::optional<Work> next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return error_ || !waiting_.empty() || active_ == 0; });
        if (error_ || waiting_.empty()) return std::nullopt;
        std::optional<Work> work(std::move(waiting_.back()));
        waiting_.pop_back();
        ++active_;
        return work;
    }

    void finish(Expected<WorkResult> result) {
        const std::lock_guard lock(mutex_);
        --active_;
        if (result) {
            std::ranges::move(result->changes, std::back_inserter(changes_));
            std::ranges::move(result->more, std::back_inserter(waiting_));
        } else if (!error_) {
            error_ = std::move(result).error();
        }
        changed_.notify_all();
    }

    const ComparedTrees& trees_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Work> waiting_;
    unsigned active_ = 0;
    std::vector<Change> changes_;
    std::optional<Error> error_;
};

/// Groups candidates by their directory, so that each directory is opened once.
std::vector<Work> grouped(const std::vector<std::string>& paths, Depth depth) {
    std::map<std::string, std::vector<std::string>> directories;
    for (const auto& path : paths) {
        const auto slash = path.rfind('/');
        const auto directory = slash == std::string::npos ? std::string() : path.substr(0, slash);
        const auto name = slash == std::string::npos ? path : path.substr(slash + 1);
        directories[directory].push_back(name.empty() ? "." : name);
    }
    std::vector<Work> work;
    work.reserve(directories.size());
    for (auto& [directory, names] : directories)
        work.push_back({.directory = directory, .names = std::move(names), .depth = depth});
    return work;
}

/// One change for each path: an unreadable directory is merged with an earlier change of it.
std::vector<Change> each_path_once(std::vector<Change> changes) {
    std::ranges::sort(changes, {}, &Change::path);
    std::vector<Change> result;
    for (auto& change : changes) {
        if (result.empty() || result.back().path != change.path) {
            result.push_back(std::move(change));
            continue;
        }
        auto& kept = result.back();
        change.differences.unreadable |= kept.differences.unreadable;
        kept.differences.unreadable = change.differences.unreadable;
        if (kept.differences == Differences{.unreadable = true}) kept = std::move(change);
    }
    return result;
}

}  // namespace

Expected<std::vector<Change>> compare_candidates(const ComparedTrees& trees, const Candidates& candidates,
                                                 unsigned threads) {
    Walk walk(trees);
    for (auto& work : grouped(candidates.alone, Depth::entry_only)) walk.add(std::move(work));
    for (auto& work : grouped(candidates.whole, Depth::everything_below)) walk.add(std::move(work));
    auto changes = TRY(walk.run(threads));
    return each_path_once(std::move(changes));
}

namespace {

std::expected<UniqueFd, int> open_for_listing(const ComparedTree& tree, const std::string& directory) {
    constexpr int flags = O_RDONLY | O_DIRECTORY;
    auto fd = open_beneath(tree.root, directory, flags | O_NOATIME);
    if (!fd && fd.error() == EPERM) fd = open_beneath(tree.root, directory, flags);  // owned by another user
    return fd;
}

}  // namespace

std::expected<std::set<std::string>, int> names_in(const ComparedTree& tree, const std::string& directory) {
    std::set<std::string> names;
    auto fd = open_for_listing(tree, directory);
    if (!fd && means_absent(fd.error())) return names;
    if (!fd) return std::unexpected(fd.error());
    struct stat status{};
    if (::fstat(fd->get(), &status) != 0) return std::unexpected(errno);
    if (is_boundary(tree, status)) return names;

    const auto read = for_each_entry(
        std::move(*fd), [&](std::string_view name, unsigned char /*type*/) { names.emplace(name); });
    if (!read) return std::unexpected(read.error());
    return names;
}

namespace {

/// BTRFS_FIRST_FREE_OBJECTID: the inode number of the root directory of every subvolume, and of no other
/// directory.
constexpr ino_t root_of_subvolume = 256;

}  // namespace

Expected<std::vector<std::string>> names_in(int directory) {
    auto own = open_again(directory);
    if (!own) return fail_errno(ErrorKind::card, "the card's top level");
    auto names = names_in_directory(std::move(own));
    if (!names) return fail_errno(ErrorKind::card, "the card's top level", names.error());
    return std::move(*names);
}

std::optional<std::string> damage_of(int directory, const std::string& name) {
    struct stat about{};
    if (::fstatat(directory, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return std::nullopt;
        return name + " cannot be read: " + std::generic_category().message(errno);
    }
    if (S_ISLNK(about.st_mode)) return name + " is a symbolic link, not a snapshot";
    if (!S_ISDIR(about.st_mode)) return name + " is a file, not a snapshot";
    if (about.st_ino != root_of_subvolume) return name + " is an ordinary directory, not a snapshot";
    return std::string();
}

}  // namespace mox::snapshots
