#include "snapshots/nested_subvolumes.hpp"

#include <btrfsutil.h>
#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/unique_fd.hpp"

namespace mox::snapshots {

namespace {

struct DestroyIterator {
    void operator()(btrfs_util_subvolume_iterator* iterator) const {
        btrfs_util_destroy_subvolume_iterator(iterator);
    }
};

struct FreeText {
    // The C library's memory, from libbtrfsutil. NOLINTNEXTLINE(cppcoreguidelines-no-malloc)
    void operator()(char* text) const { std::free(text); }
};

}  // namespace

Expected<std::vector<std::string>> nested_subvolumes(int directory, const std::string& name) {
    const UniqueFd subvolume(
        ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!subvolume) return fail_errno(ErrorKind::card, name);
    btrfs_util_subvolume_iterator* raw = nullptr;
    if (btrfs_util_create_subvolume_iterator_fd(subvolume.get(), 0, 0, &raw) != BTRFS_UTIL_OK)
        return fail_errno(ErrorKind::card, name);
    const std::unique_ptr<btrfs_util_subvolume_iterator, DestroyIterator> iterator(raw);

    std::vector<std::string> paths;
    for (;;) {
        char* path = nullptr;
        const auto result = btrfs_util_subvolume_iterator_next(iterator.get(), &path, nullptr);
        const std::unique_ptr<char, FreeText> owned(path);
        if (result == BTRFS_UTIL_ERROR_STOP_ITERATION) return paths;
        if (result != BTRFS_UTIL_OK) return fail_errno(ErrorKind::card, name);
        paths.emplace_back(path);
    }
}

}  // namespace mox::snapshots
