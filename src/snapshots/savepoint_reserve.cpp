#include "snapshots/savepoint_reserve.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/unique_fd.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/freed_space.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

constexpr auto kind = ErrorKind::card;

/// Tree nodes that the reserve fills besides those that an exchange wants: what else goes on needs some.
constexpr std::uint64_t nodes_besides = 144;

/// With less room for metadata than so many reserves, the space of what was deleted is waited for first: it
/// may be that of the last savepoint's reserve.
constexpr std::uint64_t reserves_in_plenty = 4;

/// One attribute fills one node but for the headers of node, item and name.
constexpr std::size_t headers_in_node = 512;
/// XATTR_SIZE_MAX is larger, btrfs' own limit is the node.
constexpr std::size_t largest_value = 32 << 10;

Expected<std::size_t> node_size(int directory) {
    btrfs_ioctl_fs_info_args info{};
    if (::ioctl(directory, BTRFS_IOC_FS_INFO, &info) != 0) return fail_errno(kind, "the card's btrfs");
    return info.nodesize;
}

Expected<void> fill(int reserve, std::size_t size, std::uint64_t nodes) {
    const std::string value(std::min(size - headers_in_node, largest_value), '.');
    for (std::uint64_t i = 0; i < nodes; ++i) {
        const auto name = "user.reserve." + std::to_string(i);
        if (::fsetxattr(reserve, name.c_str(), value.data(), value.size(), 0) != 0)
            return fail_errno(kind, "room for the rollback cannot be reserved");
    }
    return {};
}

/// Without it savepoints within seconds would each take the room of another reserve.
Expected<void> wait_if_pending(int directory) {
    auto pending = TRY(storage::subvolumes_being_freed(directory));
    return pending == 0 ? Expected<void>() : storage::wait_for_freed_space(directory);
}

Expected<void> make(int directory) {
    auto size = TRY(node_size(directory));
    auto room = TRY(storage::btrfs_room(directory));
    const auto nodes = room.exchange.count / size + nodes_besides;
    if (room.for_metadata() < Bytes{nodes * size} * reserves_in_plenty) TRY(wait_if_pending(directory));
    TRY(storage::create_subvolume(directory, reserve_name));
    const UniqueFd reserve(::openat(directory, std::string(reserve_name).c_str(),
                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!reserve) return fail_errno(kind, reserve_name);
    TRY(fill(reserve.get(), size, nodes));
    return storage::sync_filesystem(directory);
}

}  // namespace

Expected<void> make_savepoint_reserve(const TopLevel& top) {
    if (has_savepoint_reserve(top)) return {};
    auto made = make(top.directory());
    if (made) return made;
    // Best effort: what stays is deleted by the next writer.
    [[maybe_unused]] const auto deleted = delete_savepoint_reserve(top);
    return made;
}

bool has_savepoint_reserve(const TopLevel& top) {
    return storage::is_subvolume(top.directory(), reserve_name);
}

Expected<void> delete_savepoint_reserve(const TopLevel& top) {
    if (!has_savepoint_reserve(top)) return {};
    return storage::delete_subvolume(top.directory(), reserve_name);
}

}  // namespace mox::snapshots
