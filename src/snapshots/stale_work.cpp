#include "snapshots/stale_work.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/unique_fd.hpp"
#include "snapshots/space_reclaimer.hpp"
#include "snapshots/tree_walk.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

Expected<std::vector<std::string>> remove_stale_work(const Writer& writer) {
    const int top = writer.directory();
    auto names = TRY(names_in(top));
    std::vector<std::string> removed;
    for (const auto& name : names) {
        if (!name.starts_with(work_prefix) || !storage::is_subvolume(top, name)) continue;
        const UniqueFd root(::openat(top, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!root || ::flock(root.get(), LOCK_EX | LOCK_NB) != 0) continue;  // a process uses it
        auto deleted = storage::delete_subvolume(top, name);
        if (!deleted && (is_full(deleted.error()) || deleted.error().reason() == EBUSY)) continue;
        if (!deleted) return pass_on(deleted);
        removed.push_back(name);
    }
    return removed;
}

}  // namespace mox::snapshots
