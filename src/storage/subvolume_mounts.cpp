#include "storage/subvolume_mounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/mountinfo.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "storage/subvolume.hpp"

namespace mox::storage {

namespace {

namespace fs = std::filesystem;
using namespace unit_literals;

constexpr auto kind = ErrorKind::card;

/// Routers with containers have thousands of mounts.
constexpr Bytes largest_mountinfo = 16_MiB;

using FileSystemId = Uuid;

/// "subvolid" of "rw,subvolid=256,subvol=/@" -> "256"; empty: there is none. The path comes last and may hold
/// commas.
std::string option_in(std::string_view options, std::string_view name) {
    const auto is_last = name == "subvol";
    while (!options.empty()) {
        const auto whole = options;
        const auto option = take_until(options, ',');
        const auto value = is_last ? whole : option;
        if (value.starts_with(name) && value.substr(name.size()).starts_with('='))
            return std::string(value.substr(name.size() + 1));
    }
    return {};
}

/// As the directory in /sys/fs/btrfs is called.
std::string text_of(const FileSystemId& id) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[id.at(i) >> 4U];
        text += digits[id.at(i) & 0xfU];
    }
    return text;
}

/// "7:3": the block devices of the file system.
std::vector<std::string> devices_of(const FileSystemId& id) {
    std::vector<std::string> devices;
    std::error_code failure;
    for (auto entry = fs::directory_iterator("/sys/fs/btrfs/" + text_of(id) + "/devices", failure);
         !failure && entry != fs::directory_iterator(); entry.increment(failure))
        if (const auto number = read_small_file(entry->path() / "dev", kind))
            devices.emplace_back(trimmed(*number, "\n"));
    return devices;
}

enum class Belongs { yes, no, unknown };

/// Whether the mount is one of the file system `id` with these devices. The source may be a name that is
/// gone (that of an initramfs), and another mount may cover the mount point: so both are asked.
Belongs belongs_to(const SubvolumeMount& mount, const FileSystemId& id,
                   const std::vector<std::string>& devices) {
    struct stat about{};
    const bool has_device = ::stat(mount.source.c_str(), &about) == 0 && S_ISBLK(about.st_mode);
    const auto number = std::to_string(major(about.st_rdev)) + ":" + std::to_string(minor(about.st_rdev));
    if (has_device && std::ranges::find(devices, number) != devices.end()) return Belongs::yes;
    const UniqueFd shown(::open(mount.mount_point.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (shown)
        if (const auto its_id = file_system_uuid(shown.get()))
            return *its_id == id ? Belongs::yes : Belongs::no;
    return has_device ? Belongs::no : Belongs::unknown;
}

/// In quotes when a shell would not read it as one word.
std::string shell_word(const std::string& path) {
    const bool is_plain = std::ranges::all_of(path, [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80 ||
               std::string_view("/._-+:@,").contains(static_cast<char>(c));
    });
    if (is_plain) return path;
    std::string quoted = "'";
    for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

}  // namespace

std::vector<SubvolumeMount> parse_subvolume_mounts(std::string_view mountinfo) {
    std::vector<SubvolumeMount> mounts;
    for (auto& line : parse_mountinfo(mountinfo)) {
        const auto id = whole_number<std::uint64_t>(option_in(line.super_options, "subvolid"));
        if (line.type != "btrfs" || !id) continue;
        mounts.push_back({.mount_id = line.id,
                          .file_system = std::move(line.device),
                          .root = std::move(line.root),
                          .mount_point = std::move(line.mount_point),
                          .options = std::move(line.options),
                          .source = std::move(line.source),
                          .subvolume = *id,
                          .name = option_in(line.super_options, "subvol")});
    }
    return mounts;
}

Expected<std::vector<SubvolumeMount>> subvolume_mounts(int directory) {
    const auto id = TRY(file_system_uuid(directory), "the file system of the snapshots");
    const auto devices = devices_of(id);
    const auto mountinfo = TRY(read_small_file("/proc/self/mountinfo", kind, largest_mountinfo));
    auto mounts = parse_subvolume_mounts(mountinfo);
    // One mount that can be told decides for all of its file system.
    std::map<std::string, Belongs> decided;
    for (const auto& mount : mounts) {
        auto& decision = decided.try_emplace(mount.file_system, Belongs::unknown).first->second;
        if (decision == Belongs::unknown) decision = belongs_to(mount, id, devices);
    }
    std::erase_if(mounts,
                  [&](const SubvolumeMount& mount) { return decided[mount.file_system] == Belongs::no; });
    return mounts;
}

std::vector<SubvolumeMount> mounts_of(const std::vector<SubvolumeMount>& mounts,
                                      std::span<const std::uint64_t> ids) {
    std::vector<SubvolumeMount> found;
    std::ranges::copy_if(mounts, std::back_inserter(found), [ids](const SubvolumeMount& mount) {
        return std::ranges::find(ids, mount.subvolume) != ids.end();
    });
    return found;
}

Error mounted_error(std::string_view what, const std::vector<SubvolumeMount>& mounts) {
    std::vector<std::string> places;
    for (const auto& mount : mounts)
        if (std::ranges::find(places, mount.mount_point) == places.end()) places.push_back(mount.mount_point);
    const bool is_running = std::ranges::find(places, "/") != places.end();
    const auto text = std::string(what) + " is mounted on " + joined(places, ", ");
    auto error = Error(kind, text, EBUSY);
    if (is_running) return std::move(error).with_hint({"it is the running system; reboot first"});
    return std::move(error).with_hint({"unmount it first: umount " + joined(places, " ", &shell_word)});
}

}  // namespace mox::storage
