#include "storage/sysfs_drives.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "async/waiting.hpp"
#include "base/device_path.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/uevent.hpp"
#include "storage/block_device.hpp"
#include "storage/removable_disk.hpp"

namespace mox::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t sysfs_sector = 512;  // unit of `size`, for every sector size of the disk

/// Content of a small sysfs file without blanks around it; empty when it cannot be read.
std::string attribute(const fs::path& file) {
    const auto text = read_small_file(file, ErrorKind::internal);
    if (!text) return {};
    return std::string(trimmed(*text, " \t\n"));
}

Bytes size_of(const fs::path& disk) {
    const auto text = attribute(disk / "size");
    std::uint64_t sectors = 0;
    std::from_chars(text.data(), text.data() + text.size(), sectors);
    return Bytes{sectors * sysfs_sector};
}

/// Loop devices, RAM disks, and flash partitions as block devices.
bool is_virtual(const fs::path& device) {
    return device.native().find("/virtual/block/") != std::string::npos ||
           device.filename().native().starts_with("mtdblock");
}

bool is_boot_partition(std::string_view name) {
    return name.starts_with("mmcblk") &&
           (name.ends_with("boot0") || name.ends_with("boot1") || name.ends_with("rpmb"));
}

std::optional<DriveRole> role_of(const fs::path& device, const std::string& card_controller) {
    if (is_boot_partition(device.filename().native())) return std::nullopt;
    if (leads_through(device, card_controller)) return DriveRole::card;
    if (is_on_usb(device)) return DriveRole::usb;
    return is_virtual(device) ? std::nullopt : std::optional(DriveRole::other);
}

/// sysfs cannot have '/' in names: "cciss!c0d0" is /dev/cciss/c0d0.
fs::path node_named(std::string name) {
    std::ranges::replace(name, '!', '/');
    return fs::path("/dev") / name;
}

std::optional<Drive> drive_at(const fs::path& entry, const std::string& card_controller) {
    std::error_code unplugged;  // it was unplugged after it was listed
    const auto device = fs::canonical(entry, unplugged);
    if (unplugged) return std::nullopt;
    const auto role = role_of(device, card_controller);
    const auto size = size_of(entry);
    if (!role || size == Bytes{}) return std::nullopt;
    return Drive{
        .node = node_named(entry.filename().native()), .role = *role, .model = model_of(entry), .size = size};
}

}  // namespace

SysfsDrives::SysfsDrives(std::string card_controller, Log& log, fs::path sysfs)
    : card_controller_(std::move(card_controller)), sysfs_(std::move(sysfs)) {
    if (!arrival_.listen_error().empty())
        log.warning(
            "drives that are plugged in from now on are detected late, because kernel events cannot be "
            "received: " +
            arrival_.listen_error());
}

Expected<std::vector<Drive>> SysfsDrives::plugged_in() {
    const auto directory = sysfs_ / "block";
    std::error_code error;
    std::vector<Drive> drives;
    for (fs::directory_iterator entry(directory, error); !error && entry != fs::directory_iterator();
         entry.increment(error))
        if (auto drive = drive_at(entry->path(), card_controller_)) drives.push_back(std::move(*drive));
    if (error) return fail(ErrorKind::internal, directory.native() + ": " + error.message());
    // sdb comes before sdaa.
    std::ranges::sort(drives, {}, [](const Drive& drive) {
        return std::tuple(drive.role, drive.node.native().size(), drive.node.native());
    });
    return drives;
}

boost::asio::awaitable<bool> SysfsDrives::change_before(Clock::time_point deadline) {
    return arrival_.drive_change_before(deadline);
}

namespace {

/// Receives all queued messages. True: a disk may have been added.
bool received_disk_event(UeventSocket& socket) {
    bool received = false;
    std::string message;
    for (;;) {
        switch (socket.receive(message)) {
            case UeventSocket::Reception::none:
                return received;
            case UeventSocket::Reception::overflow:  // a lost message may be about a disk
                received = true;
                break;
            case UeventSocket::Reception::message:
                if (const auto event = parse_uevent(message)) received = received || may_add_disk(*event);
                break;
        }
    }
}

}  // namespace

DriveArrival::DriveArrival() {
    auto socket = UeventSocket::open();
    if (socket) {
        socket_.emplace(std::move(*socket));
        return;
    }
    listen_error_ = socket.error().describe();
    final_check_due_ = true;
}

boost::asio::awaitable<bool> DriveArrival::drive_change_before(Clock::time_point deadline) {
    if (!socket_) {
        co_await async::wait_until(deadline);
        co_return std::exchange(final_check_due_, false);
    }
    while (!received_disk_event(*socket_)) {
        if (Clock::now() >= deadline) co_return false;
        co_await async::readable_before(socket_->fd(), deadline);
    }
    co_return true;
}

}  // namespace mox::storage
