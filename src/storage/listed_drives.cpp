#include "storage/listed_drives.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>
#include <system_error>
#include <utility>

#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

std::unexpected<Error> fail_partition(const std::filesystem::path& node, const std::filesystem::path& sysfs,
                                      DriveRole role) {
    const auto kind = error_kind(role);
    std::error_code unknown;  // then no name is given
    const auto disk = node_of(std::filesystem::canonical(sysfs, unknown).parent_path(), kind);
    const auto* const option = role == DriveRole::card ? "--card " : "--drive ";
    return fail(kind, node.native() + " is a partition",
                {"name the whole disk instead" + (disk ? ": " + (option + disk->native()) : std::string())});
}

/// The hint about a path that is no block device.
std::string other_option(const std::filesystem::path& node, DriveRole role) {
    std::error_code unreadable;
    const bool is_file = std::filesystem::is_regular_file(node, unreadable);
    if (role == DriveRole::usb && (is_file || std::filesystem::is_directory(node, unreadable)))
        return "name a medkit, or a directory that holds medkits, with --medkit " + node.native();
    if (is_file) return "attach an image first: losetup --find --show " + node.native();
    return "name a whole disk, such as /dev/sdX; lsblk shows them";
}

Expected<Drive> drive_at(const std::filesystem::path& node, DriveRole role) {
    const auto kind = error_kind(role);
    std::error_code unreadable;  // then opening it fails, too
    const auto status = std::filesystem::status(node, unreadable);
    if (std::filesystem::exists(status) && !std::filesystem::is_block_file(status))
        return fail(kind, node.native() + " is not a block device", {other_option(node, role)});
    auto fd = TRY(open_block_device(node, O_RDONLY, kind));
    auto number = TRY(block_device_number(fd.get(), node, kind));
    const auto sysfs = sysfs_directory(number);
    if (is_partition(sysfs)) return fail_partition(node, sysfs, role);
    auto size = TRY(block_device_size(fd.get(), node, kind));
    return Drive{.node = node, .role = role, .model = model_of(sysfs), .size = size};
}

bool is_there(const std::filesystem::path& node) {
    std::error_code unreadable;  // drive_at reports it
    return std::filesystem::exists(node, unreadable) || unreadable;
}

}  // namespace

ListedDrives::ListedDrives(std::optional<std::filesystem::path> card,
                           std::vector<std::filesystem::path> usb_drives)
    : card_(std::move(card)), usb_drives_(std::move(usb_drives)) {}

Expected<ListedDrives> ListedDrives::open(std::optional<std::filesystem::path> card,
                                          std::vector<std::filesystem::path> usb_drives) {
    for (const auto& node : usb_drives) {
        TRY(drive_at(node, DriveRole::usb));
        if (card && is_same_device(*card, node))
            return fail(
                ErrorKind::card,
                "the card " + card->native() + " and the drive " + node.native() + " are the same disk",
                {"name the disk that is to be erased with --card, and another one with --drive"});
    }
    ListedDrives listed(std::move(card), std::move(usb_drives));
    TRY(listed.plugged_in());
    return listed;
}

boost::asio::awaitable<bool> ListedDrives::change_before(Clock::time_point /*deadline*/) {
    co_return false;
}

Expected<std::vector<Drive>> ListedDrives::plugged_in() {
    std::vector<Drive> drives;
    if (card_) {
        auto card = TRY(drive_at(*card_, DriveRole::card));
        if (card.size == Bytes{})
            return fail(ErrorKind::card, card.node.native() + ": there is no card in it");
        drives.push_back(std::move(card));
    }
    for (const auto& node : usb_drives_) {
        if (!is_there(node)) continue;
        auto drive = TRY(drive_at(node, DriveRole::usb));
        if (drive.size > Bytes{}) drives.push_back(std::move(drive));
    }
    return drives;
}

}  // namespace mox::storage
