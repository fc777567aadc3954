#include "snapshots/tree_walk_listing.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace mox::snapshots {

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

}  // namespace mox::snapshots
