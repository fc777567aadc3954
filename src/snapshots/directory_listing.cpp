#include "snapshots/directory_listing.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

namespace mox::snapshots {

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
