#include "support/random_changes.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "base/unique_fd.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

void require(bool worked, const std::string& what) {
    if (!worked) throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd opened(const fs::path& file, int flags) {
    UniqueFd fd(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0644));
    require(static_cast<bool>(fd), file.native());
    return fd;
}

void write_at(const fs::path& file, int flags, const std::string& content, off_t offset) {
    const auto fd = opened(file, flags);
    require(
        ::pwrite(fd.get(), content.data(), content.size(), offset) == static_cast<ssize_t>(content.size()),
        file.native());
}

/// What later writes change in place, without a copy. Only an empty file can become one.
void make_without_copies(const fs::path& file) {
    const auto fd = opened(file, O_RDWR | O_CREAT | O_EXCL);
    int flags = 0;
    require(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0, file.native());
    flags |= FS_NOCOW_FL;
    require(::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0, file.native());
}

void clone(const fs::path& from, const fs::path& to) {
    const auto source = opened(from, O_RDONLY);
    const auto target = opened(to, O_WRONLY | O_CREAT | O_TRUNC);
    // EINVAL: one of the two is nodatacow, the other is not.
    require(::ioctl(target.get(), FICLONE, source.get()) == 0 || errno == EINVAL, to.native());
}

struct Tree {
    std::vector<fs::path> directories;  ///< the root first
    std::vector<fs::path> files;
    std::vector<fs::path> all;  ///< without the root
};

/// What there is in the tree, sorted; nested subvolumes and the places of such are left alone.
Tree look_at(const fs::path& root) {
    struct stat itself{};
    require(::stat(root.c_str(), &itself) == 0, root.native());
    Tree tree{.directories = {root}, .files = {}, .all = {}};
    for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
        struct stat status{};
        require(::lstat(at->path().c_str(), &status) == 0, at->path().native());
        constexpr ino_t place_of_a_subvolume = 2;
        if (status.st_dev != itself.st_dev || status.st_ino == place_of_a_subvolume) {
            at.disable_recursion_pending();
            continue;
        }
        if (S_ISDIR(status.st_mode)) tree.directories.push_back(at->path());
        if (S_ISREG(status.st_mode)) tree.files.push_back(at->path());
        tree.all.push_back(at->path());
    }
    for (auto* paths : {&tree.directories, &tree.files, &tree.all}) std::ranges::sort(*paths);
    return tree;
}

bool is_below(const fs::path& path, const fs::path& directory) {
    return (path.native() + "/").starts_with(directory.native() + "/");
}

/// Renames, over what is there; what cannot be (a directory into itself, over a full one) is not done.
void rename_if_possible(const fs::path& from, const fs::path& to, unsigned flags) {
    if (is_below(to, from) || is_below(from, to)) return;
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return;
    constexpr std::array allowed{ENOTEMPTY, EEXIST, EISDIR, ENOTDIR, ENOENT};
    require(std::ranges::find(allowed, errno) != allowed.end(), "rename of " + from.native());
}

}  // namespace

std::size_t RandomChanges::pick(std::size_t limit) {
    return static_cast<std::size_t>(random_() % limit);
}

const fs::path* RandomChanges::any_of(const std::vector<Path>& paths) {
    return paths.empty() ? nullptr : &paths[pick(paths.size())];
}

/// Sometimes inline in the tree, sometimes in blocks of its own; of few different letters, so that equal
/// contents come about.
std::string RandomChanges::content() {
    constexpr std::array<std::size_t, 5> lengths{0, 1, 300, 5000, 70'000};
    return std::string(lengths[pick(lengths.size())], static_cast<char>('a' + pick(3)));
}

/// Few different names, so that what was removed comes again as something else.
std::string RandomChanges::new_name() {
    return "n" + std::to_string(pick(25));
}

void RandomChanges::change_a_file(const Path& file, const std::vector<Path>& directories) {
    const auto other = directories[pick(directories.size())] / new_name();
    switch (pick(8)) {
        case 0:
            return write_at(file, O_WRONLY | O_TRUNC, content(), 0);
        case 1:
            return write_at(file, O_WRONLY, content(), static_cast<off_t>(pick(8000)));
        case 2:
            return write_at(file, O_WRONLY | O_APPEND, content(), 0);
        case 3:
            return require(::truncate(file.c_str(), static_cast<off_t>(pick(80'000))) == 0, file.native());
        case 4: {
            const auto fd = opened(file, O_RDWR);
            return require(::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192) == 0,
                           file.native());
        }
        case 5:
            if (!fs::exists(fs::symlink_status(other))) fs::create_hard_link(file, other);
            return;
        case 6:
            if (!fs::exists(fs::symlink_status(other))) clone(file, other);
            return;
        default:
            return fs::last_write_time(
                file, fs::file_time_type(std::chrono::seconds(static_cast<std::int64_t>(pick(1000)))));
    }
}

void RandomChanges::change_attributes(const Path& entry) {
    const bool is_symlink = fs::is_symlink(fs::symlink_status(entry));
    switch (pick(4)) {
        case 0:
            if (!is_symlink) fs::permissions(entry, static_cast<fs::perms>(0700 + pick(64)));
            return;
        case 1:
            return require(
                ::lchown(entry.c_str(), static_cast<uid_t>(pick(3)), static_cast<gid_t>(pick(3))) == 0,
                entry.native());
        case 2: {
            const std::string value(pick(200), 'v');
            return require(::lsetxattr(entry.c_str(), "security.note", value.data(), value.size(), 0) == 0,
                           entry.native());
        }
        default:
            return require(::lremovexattr(entry.c_str(), "security.note") == 0 || errno == ENODATA,
                           entry.native());
    }
}

void RandomChanges::make_an_entry(const Path& directory) {
    const auto path = directory / new_name();
    if (fs::exists(fs::symlink_status(path))) return;
    switch (pick(6)) {
        case 0:
        case 1:
            return write_at(path, O_WRONLY | O_CREAT, content(), 0);
        case 2:
            fs::create_directory(path);
            return;
        case 3:
            return fs::create_symlink(new_name(), path);
        case 4:
            return require(
                ::mknod(path.c_str(), S_IFCHR | 0600U, makedev(1, static_cast<unsigned>(pick(9)))) == 0,
                path.native());
        default:
            make_without_copies(path);
            return write_at(path, O_WRONLY, content(), 0);
    }
}

void RandomChanges::make_one(const Path& root) {
    const auto tree = look_at(root);
    const auto& directory = tree.directories[pick(tree.directories.size())];
    const auto* const entry = any_of(tree.all);
    const auto chance = pick(20);
    if (entry == nullptr || chance < 7) return make_an_entry(directory);
    if (chance < 11) {
        const auto* const file = any_of(tree.files);
        return file == nullptr ? make_an_entry(directory) : change_a_file(*file, tree.directories);
    }
    if (chance < 14) return change_attributes(tree.all[pick(tree.all.size())]);
    if (chance < 16) return rename_if_possible(*entry, directory / new_name(), 0);
    if (chance < 17) return rename_if_possible(*entry, *any_of(tree.all), RENAME_EXCHANGE);
    if (!fs::is_directory(fs::symlink_status(*entry)) || chance == 19) fs::remove_all(*entry);
}

}  // namespace mox::test_support
