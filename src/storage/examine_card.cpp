#include <cerrno>
#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "storage/btrfs_space.hpp"
#include "storage/card.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"
#include "storage/write_protection.hpp"

namespace mox::storage {

namespace {

constexpr auto kind = ErrorKind::card;
constexpr const char* root_subvolume = "@";

CardReport report(CardState state, std::string reason) {
    return {.state = state, .reason = std::move(reason)};
}

/// The volume that the boot loader boots from, or the message why there is none.
std::expected<const Volume*, std::string> system_volume(const std::vector<Volume>& volumes) {
    const auto& first = volumes.front();
    if (!first.error.empty()) return std::unexpected(first.error);
    if (first.partition == 0 && first.filesystem.empty())
        return std::unexpected("it is empty, or holds nothing that this system knows");
    if (first.partition == 0)
        return std::unexpected("it has " + std::string(filesystem_name(first.filesystem)) +
                               " without a partition table, and the router boots from partition 1");
    if (first.partition != 1) return std::unexpected("it has no partition 1, which the router boots from");
    if (first.filesystem.empty())
        return std::unexpected("partition 1 holds no file system that this system knows");
    if (first.filesystem != "btrfs")
        return std::unexpected("partition 1 holds " + std::string(filesystem_name(first.filesystem)) +
                               " instead of Btrfs");
    return &first;
}

std::string count_of(std::uint64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// Error counters of the past do not mean that the card cannot be read now, so this is only a warning.
std::string warning_about(const BtrfsHealth& health) {
    std::string counted;
    if (health.corruptions > 0) counted = count_of(health.corruptions, "corrupt block");
    if (health.io_errors > 0)
        counted += (counted.empty() ? "" : " and ") + count_of(health.io_errors, "read or write error");
    if (counted.empty()) return {};
    return "the card had " + counted + " before; it may be worn out";
}

/// Whether reading the file system failed because of the card, not because of this machine.
bool is_unreadable(const Error& error) {
    return error.reason() == EIO || error.reason() == EUCLEAN || error.reason() == EBADMSG;
}

Expected<CardReport> examine_system(const Volume& volume, int root) {
    const auto has_system = subvolume_exists(root, root_subvolume);
    if (!has_system && is_unreadable(has_system.error()))
        return report(CardState::damaged, "its Btrfs cannot be read: " + has_system.error().message());
    if (!has_system) return std::unexpected(Error(has_system.error()).as(kind));
    if (!*has_system) {
        auto found =
            report(CardState::not_ours, "its Btrfs has no subvolume @, so it holds no Turris system");
        found.btrfs_node = volume.node;
        return found;
    }
    auto health = TRY(btrfs_health(root));
    if (health.devices > 1)
        return report(CardState::not_ours, "its Btrfs is spread over " + count_of(health.devices, "device"));
    auto free = TRY(btrfs_free_space(root));

    CardReport found{.state = CardState::healthy, .btrfs_node = volume.node, .free = free};
    found.warning = warning_about(health);
    return found;
}

}  // namespace

Expected<CardReport> examine_card(const Drive& card) {
    auto locked = TRY(is_read_only_by_itself(card.node, kind), card.describe());
    if (locked)
        return fail(kind, card.describe() + " is write protected",
                    {"look for a switch, or use another card"});
    auto volumes = TRY(volumes_of(card));
    const auto volume = system_volume(volumes);
    if (volume) TRY(is_read_only_by_itself((*volume)->node, kind), card.describe());
    if (!volume) return report(CardState::not_ours, volume.error());

    auto mount = mount_read_only(**volume);
    if (!mount && mount.error().damaged) return report(CardState::damaged, mount.error().error.message());
    if (!mount) return std::unexpected(std::move(mount.error().error).as(kind));
    auto found = examine_system(**volume, mount->root());
    if (!found) return pass_on(found, card.describe());
    return found;
}

}  // namespace mox::storage
