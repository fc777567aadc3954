#include "storage/drive.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mox::storage {

namespace {

/// "USB drive SanDisk Ultra"; "card": there is only one, so its maker is not needed.
std::string title_of(const Drive& drive) {
    if (!drive.title.empty()) return drive.title;
    if (drive.role == DriveRole::card) return "card";
    const std::string kind = drive.role == DriveRole::usb ? "USB drive" : "disk";
    return drive.model.empty() ? kind : kind + " " + drive.model;
}

}  // namespace

ErrorKind error_kind(DriveRole role) {
    return role == DriveRole::card ? ErrorKind::card : ErrorKind::medkit;
}

std::string Drive::describe() const {
    return title_of(*this) + " (" + node.filename().native() + ")";
}

std::string identity(const Drive& drive) {
    return drive.model + (drive.model.empty() ? "" : " ") + std::to_string(drive.size.count);
}

std::string Volume::describe() const {
    const auto place = node.empty()
                           ? drive.node.filename().native() + " partition " + std::to_string(partition)
                           : node.filename().native();
    if (filesystem.empty()) return title_of(drive) + " (" + place + ")";
    return title_of(drive) + " (" + place + ", " + std::string(filesystem_name(filesystem)) + ")";
}

std::string_view filesystem_name(std::string_view filesystem) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> names{{
        {"vfat", "FAT32"},
        {"exfat", "exFAT"},
        {"ntfs", "NTFS"},
        {"btrfs", "Btrfs"},
        {"xfs", "XFS"},
        {"crypto_LUKS", "LUKS (encrypted)"},
        {"BitLocker", "BitLocker (encrypted)"},
        {"hfsplus", "HFS+"},
    }};
    const auto* const found = std::ranges::find(names, filesystem, [](const auto& one) { return one.first; });
    return found == names.end() ? filesystem : found->second;
}

}  // namespace mox::storage
