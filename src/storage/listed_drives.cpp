#include "storage/listed_drives.hpp"

#include <fcntl.h>

#include <system_error>
#include <utility>

#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

Expected<Drive> drive_at(const std::filesystem::path& node, DriveRole role) {
    const auto kind = error_kind(role);
    auto fd = open_block_device(node, O_RDONLY, kind);
    if (!fd) return pass_on(fd);
    auto number = block_device_number(fd->get(), node, kind);
    if (!number) return pass_on(number);
    if (is_partition(sysfs_folder(*number)))
        return fail(kind, node.native() + " is a partition: name the whole disk instead");
    auto size = block_device_size(fd->get(), node, kind);
    if (!size) return pass_on(size);
    return Drive{.node = node, .role = role, .size = *size};
}

bool is_there(const std::filesystem::path& node) {
    std::error_code unreadable;  // told by drive_at, with the reason
    return std::filesystem::exists(node, unreadable) || unreadable;
}

}  // namespace

ListedDrives::ListedDrives(std::optional<std::filesystem::path> card,
                           std::vector<std::filesystem::path> usb_drives)
    : card_(std::move(card)), usb_drives_(std::move(usb_drives)) {}

Expected<ListedDrives> ListedDrives::open(std::optional<std::filesystem::path> card,
                                          std::vector<std::filesystem::path> usb_drives) {
    for (const auto& node : usb_drives)
        if (auto drive = drive_at(node, DriveRole::usb); !drive) return pass_on(drive);
    ListedDrives listed(std::move(card), std::move(usb_drives));
    if (auto all = listed.plugged_in(); !all) return pass_on(all);
    return listed;
}

boost::asio::awaitable<bool> ListedDrives::change_before(Clock::time_point /*deadline*/) {
    co_return false;
}

Expected<std::vector<Drive>> ListedDrives::plugged_in() {
    std::vector<Drive> drives;
    if (card_) {
        auto card = drive_at(*card_, DriveRole::card);
        if (!card) return pass_on(card);
        if (card->size == Bytes{})
            return fail(ErrorKind::card, card->node.native() + ": there is no card in it");
        drives.push_back(std::move(*card));
    }
    for (const auto& node : usb_drives_) {
        if (!is_there(node)) continue;
        auto drive = drive_at(node, DriveRole::usb);
        if (!drive) return pass_on(drive);
        if (drive->size > Bytes{}) drives.push_back(std::move(*drive));
    }
    return drives;
}

}  // namespace mox::storage
