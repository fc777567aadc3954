#include "snapshots/tree_walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace mox::snapshots {

namespace {

/// Names that one thread compares in one go: a directory with thousands of files keeps all threads busy.
constexpr std::size_t names_at_once = 128;

enum class Depth { entry_only, everything_below };

/// Something to do, small enough to be kept in great numbers: directories are opened when it is their turn.
struct Work {
    std::string directory;           ///< in both trees
    std::vector<std::string> names;  ///< to compare in it; none: list the directory first
    Depth depth = Depth::everything_below;
};

/// What doing it gave.
struct Yield {
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

/// Opens a directory of one tree for looking things up in it. None when there is none.
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

Expected<Yield> compare_names(const ComparedTrees& trees, const Work& work) {
    auto directories = TRY(open_both(trees, work.directory));

    Yield yield;
    EntryPair pair{
        .left_directory = directories.left.get(), .right_directory = directories.right.get(), .name = {}};
    for (const auto& name : work.names) {
        pair.name = name;
        auto path = joined(work.directory, name);
        const auto verdict = compare_entry(trees, pair);
        if (!verdict) return failed(path, verdict.error());
        if (work.depth == Depth::everything_below && (verdict->left_has_more || verdict->right_has_more))
            yield.more.push_back({.directory = path, .names = {}});
        if (verdict->change)
            yield.changes.push_back(
                {.path = std::move(path), .kind = *verdict->change, .differences = verdict->differences});
    }
    return yield;
}

Expected<Yield> list_directory(const ComparedTrees& trees, const Work& work) {
    std::set<std::string> names;
    Yield yield;
    for (const auto* tree : {&trees.left, &trees.right}) {
        auto listed = names_in(*tree, work.directory);
        if (listed) {
            names.merge(*listed);
        } else if (is_shortage(listed.error())) {
            return failed(work.directory, listed.error());
        } else {
            yield.changes = {
                {.path = work.directory, .kind = ChangeKind::changed, .differences = {.unreadable = true}}};
        }
    }
    Work batch{.directory = work.directory, .names = {}};
    while (!names.empty()) {
        batch.names.push_back(std::move(names.extract(names.begin()).value()));
        if (batch.names.size() == names_at_once || names.empty())
            yield.more.push_back(std::exchange(batch, {.directory = work.directory, .names = {}}));
    }
    return yield;
}

/// The threads and what they have to do.
class Walk {
public:
    explicit Walk(const ComparedTrees& trees) : trees_(trees) {}

    void add(Work work) { waiting_.push_back(std::move(work)); }

    [[nodiscard]] Expected<std::vector<Change>> run(unsigned threads) {
        {
            std::vector<std::jthread> helpers;
            for (unsigned i = 1; i < threads; ++i) helpers.emplace_back([this] { take_part(); });
            take_part();
        }
        if (error_) return std::unexpected(std::move(*error_));
        return std::move(changes_);
    }

private:
    void take_part() {
        while (auto work = next()) {
            try {
                done(work->names.empty() ? list_directory(trees_, *work) : compare_names(trees_, *work));
            } catch (const std::exception& trouble) {
                done(fail(ErrorKind::internal, "comparing /" + work->directory + ": " + trouble.what()));
            }
        }
    }

    /// The latest work first: the queue stays short, and the directories are still in the cache.
    std::optional<Work> next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return error_ || !waiting_.empty() || at_work_ == 0; });
        if (error_ || waiting_.empty()) return std::nullopt;
        std::optional<Work> work(std::move(waiting_.back()));
        waiting_.pop_back();
        ++at_work_;
        return work;
    }

    void done(Expected<Yield> yield) {
        const std::lock_guard lock(mutex_);
        --at_work_;
        if (yield) {
            std::ranges::move(yield->changes, std::back_inserter(changes_));
            std::ranges::move(yield->more, std::back_inserter(waiting_));
        } else if (!error_) {
            error_ = std::move(yield).error();
        }
        changed_.notify_all();
    }

    const ComparedTrees& trees_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Work> waiting_;
    unsigned at_work_ = 0;
    std::vector<Change> changes_;
    std::optional<Error> error_;
};

/// Candidates by the directory that holds them, so that each is opened once.
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

/// One change for each path: that a directory could not be listed adds to what was found about it before.
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

struct CloseListing {
    void operator()(DIR* listing) const { ::closedir(listing); }
};

std::expected<UniqueFd, int> open_for_listing(const ComparedTree& tree, const std::string& directory) {
    constexpr int flags = O_RDONLY | O_DIRECTORY;
    auto fd = open_beneath(tree.root, directory, flags | O_NOATIME);
    if (!fd && fd.error() == EPERM) fd = open_beneath(tree.root, directory, flags);  // not ours
    return fd;
}

}  // namespace

std::expected<std::set<std::string>, int> names_in(const ComparedTree& tree, const std::string& directory) {
    std::set<std::string> names;
    auto fd = open_for_listing(tree, directory);
    if (!fd && means_absent(fd.error())) return names;
    if (!fd) return std::unexpected(fd.error());
    struct stat itself{};
    if (::fstat(fd->get(), &itself) != 0) return std::unexpected(errno);
    if (is_boundary(tree, itself)) return names;

    const std::unique_ptr<DIR, CloseListing> listing(::fdopendir(fd->get()));
    if (!listing) return std::unexpected(errno);
    (void)fd->release();  // the listing closes it
    for (;;) {
        errno = 0;
        const dirent* const entry = ::readdir(listing.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace(name);
    }
    if (errno != 0) return std::unexpected(errno);
    return names;
}

namespace {

/// BTRFS_FIRST_FREE_OBJECTID: the inode number of every subvolume's root directory, and of nothing else that
/// is a directory.
constexpr ino_t root_of_subvolume = 256;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Expected<std::vector<std::string>> names_in(int directory) {
    // A description of its own: reading a directory moves its position.
    const int own = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return fail_errno(ErrorKind::card, "the card's top level");
    const std::unique_ptr<DIR, CloseDirectory> listing(::fdopendir(own));
    if (!listing) {
        const int reason = errno;
        ::close(own);
        return fail_errno(ErrorKind::card, "the card's top level", reason);
    }
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* const entry = ::readdir(listing.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return fail_errno(ErrorKind::card, "the card's top level");
    return names;
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
