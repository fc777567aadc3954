#include "storage/redirected_drives.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace mox::storage {

namespace {

/// False for a disk that cannot be read.
bool has_btrfs(const Drive& drive, const std::string& uuid) {
    const auto volumes = volumes_of(drive);
    return volumes && std::ranges::any_of(*volumes, [&](const Volume& volume) {
               return volume.filesystem == "btrfs" && volume.uuid == uuid;
           });
}

using Matches = std::vector<Drive*>;

template <typename Condition>
Matches filter_by(std::vector<Drive>& drives, Condition condition) {
    Matches matches;
    for (auto& drive : drives)
        if (condition(drive)) matches.push_back(&drive);
    return matches;
}

Matches find(std::vector<Drive>& drives, const Redirection& redirection) {
    auto by_uuid = filter_by(drives, [&](const Drive& drive) { return has_btrfs(drive, redirection.uuid); });
    if (!by_uuid.empty() || redirection.disk.empty()) return by_uuid;
    return filter_by(drives, [&](const Drive& drive) { return identity(drive) == redirection.disk; });
}

std::string listing(const std::vector<Drive>& drives) {
    return drives.empty() ? "none"
                          : joined(drives, ", ", [](const Drive& drive) { return drive.describe(); });
}

Expected<Drive*> unique_match(std::vector<Drive>& drives, const Redirection& redirection) {
    const auto matches = find(drives, redirection);
    if (matches.size() == 1) return matches.front();
    const std::string how_many = matches.empty() ? "no disk has" : "more than one disk has";
    return fail(ErrorKind::card,
                "the boot environment names a disk to be used instead of the card, but " + how_many +
                    " the file system root_uuid=" + redirection.uuid + " (disks: " + listing(drives) + ")",
                {"connect that disk alone, or remove root_uuid from the boot environment to use the card"});
}

}  // namespace

RedirectedDrives::RedirectedDrives(std::unique_ptr<Drives> drives, Redirection redirection)
    : drives_(std::move(drives)), redirection_(std::move(redirection)) {}

Expected<std::vector<Drive>> RedirectedDrives::plugged_in() {
    auto drives = drives_->plugged_in();
    if (!drives) return pass_on(drives);
    auto target = TRY(unique_match(*drives, redirection_));
    if (target->role == DriveRole::card) return drives;

    for (auto& drive : *drives) {
        if (drive.role != DriveRole::card) continue;
        drive.title = "card";
        drive.role = DriveRole::usb;
    }
    auto& disk = *target;
    disk.title = disk.model.empty() ? "system disk" : "system disk " + disk.model;
    disk.role = DriveRole::card;
    std::ranges::stable_sort(*drives, {}, &Drive::role);
    return drives;
}

boost::asio::awaitable<bool> RedirectedDrives::change_before(Clock::time_point deadline) {
    return drives_->change_before(deadline);
}

}  // namespace mox::storage
