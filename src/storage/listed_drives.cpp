#include "storage/listed_drives.hpp"

#include <fcntl.h>

#include <system_error>
#include <utility>

#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

Expected<Drive> drive_at(const std::filesystem::path& node, DriveRole role) {
    const auto kind = error_kind(role);
    auto fd = TRY(open_block_device(node, O_RDONLY, kind));
    auto number = TRY(block_device_number(fd.get(), node, kind));
    if (is_partition(sysfs_directory(number)))
        return fail(kind, node.native() + " is a partition: name the whole disk instead");
    auto size = TRY(block_device_size(fd.get(), node, kind));
    return Drive{.node = node, .role = role, .size = size};
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
    for (const auto& node : usb_drives) TRY(drive_at(node, DriveRole::usb));
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
