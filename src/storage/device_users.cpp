#include "storage/device_users.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/mountinfo.hpp"
#include "base/text.hpp"
#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

namespace fs = std::filesystem;

/// A disk or one of its partitions.
struct Part {
    fs::path node;
    fs::path sysfs;
    dev_t number = 0;
};

std::optional<dev_t> device_number(const fs::path& node) {
    struct stat about{};
    if (::stat(node.c_str(), &about) != 0 || !S_ISBLK(about.st_mode)) return std::nullopt;
    return about.st_rdev;
}

/// Empty when it cannot be read: then no user of the device is found, and the message names none.
std::string text_of(const fs::path& path) {
    return read_small_file(path, ErrorKind::internal).value_or("");
}

std::string first_line_of(const fs::path& path) {
    const auto text = text_of(path);
    return text.substr(0, text.find('\n'));
}

std::vector<fs::path> entries_of(const fs::path& directory) {
    std::vector<fs::path> entries;
    std::error_code failure;
    for (fs::directory_iterator entry(directory, failure), end; !failure && entry != end;
         entry.increment(failure))
        entries.push_back(entry->path());
    std::ranges::sort(entries);
    return entries;
}

/// `node` itself and, of a disk, its partitions.
std::vector<Part> parts_of(const fs::path& node) {
    std::vector<Part> parts;
    const auto number = device_number(node);
    if (!number) return parts;
    parts.push_back({.node = node, .sysfs = sysfs_directory(*number), .number = *number});
    for (const auto& entry : entries_of(parts.front().sysfs)) {
        if (!is_partition(entry)) continue;
        auto part = node_of(entry, ErrorKind::internal);
        if (!part) continue;
        if (const auto its_number = device_number(*part))
            parts.push_back({.node = std::move(*part), .sysfs = entry, .number = *its_number});
    }
    return parts;
}

/// Devices that are built on it: device mapper, RAID.
std::vector<std::string> holders_of(const Part& part) {
    std::vector<std::string> users;
    for (const auto& holder : entries_of(part.sysfs / "holders")) {
        const auto device = "/dev/" + holder.filename().native();
        const auto mapping = first_line_of(holder / "dm/name");
        auto& user = users.emplace_back(part.node.native() + " is a part of ");
        if (mapping.empty())
            user += device;
        else
            user.append("the mapping ").append(mapping).append(" (").append(device).append(")");
    }
    return users;
}

std::vector<std::string> loops_on(const Part& part) {
    std::vector<std::string> users;
    for (const auto& disk : entries_of("/sys/block")) {
        const auto backing = first_line_of(disk / "loop/backing_file");
        if (!backing.empty() && device_number(backing) == part.number)
            users.push_back("/dev/" + disk.filename().native() + " is on " + part.node.native());
    }
    return users;
}

/// The one of `parts` that `path` is the node of; empty: none.
std::string node_with(const std::string& path, const std::vector<Part>& parts) {
    const auto number = device_number(path);
    const auto part = std::ranges::find_if(parts, [&](const Part& each) { return each.number == number; });
    return !number || part == parts.end() ? std::string() : part->node.native();
}

/// "/dev/sda1 is mounted on /media/x" for each mount in the namespace of the process with that directory in
/// /proc.
std::vector<std::string> mounts_of(const std::vector<Part>& parts, const fs::path& process) {
    std::vector<std::string> users;
    for (const auto& mount : parse_mounts(text_of(process / "mountinfo")))
        if (const auto node = node_with(mount.source, parts); !node.empty())
            users.push_back(node + " is mounted on " + mount.mount_point);
    return users;
}

std::vector<std::string> mounts_and_swap_of(const std::vector<Part>& parts) {
    auto users = mounts_of(parts, "/proc/self");
    for (const auto& swap : parse_swaps(text_of("/proc/swaps")))
        if (const auto node = node_with(swap, parts); !node.empty()) users.push_back(node + " is swap space");
    return users;
}

/// The directories in /proc of all processes but this one.
std::vector<fs::path> other_processes() {
    auto processes = entries_of("/proc");
    std::erase_if(processes, [](const fs::path& entry) {
        const auto name = entry.filename().native();
        return name.find_first_not_of("0123456789") != std::string::npos ||
               name == std::to_string(::getpid());
    });
    return processes;
}

/// "program systemd-udevd (process 123)"
std::string program_text(const fs::path& process) {
    return "program " + first_line_of(process / "comm") + " (process " + process.filename().native() + ")";
}

/// Mounts that only containers and other programs with mounts of their own see.
std::vector<std::string> mounts_in_other_namespaces(const std::vector<Part>& parts) {
    std::error_code unreadable;
    std::set<fs::path> seen{fs::read_symlink("/proc/self/ns/mnt", unreadable)};
    std::vector<std::string> users;
    for (const auto& process : other_processes()) {
        const auto mounts = fs::read_symlink(process / "ns/mnt", unreadable);
        if (unreadable || !seen.insert(mounts).second) continue;
        for (const auto& user : mounts_of(parts, process))
            users.push_back(user + " for the " + program_text(process));
    }
    return users;
}

/// Programs that have it open. Reads every process's descriptors, which is slow, but happens only after a
/// failure.
std::vector<std::string> programs_with(const std::vector<Part>& parts) {
    std::vector<std::string> users;
    for (const auto& process : other_processes()) {
        for (const auto& open : entries_of(process / "fd")) {
            std::error_code unreadable;
            const auto target = fs::read_symlink(open, unreadable);
            const auto part = std::ranges::find(parts, target, &Part::node);
            if (part == parts.end()) continue;
            users.push_back(part->node.native() + " is open in the " + program_text(process));
            break;
        }
    }
    return users;
}

}  // namespace

std::vector<MountedDevice> parse_mounts(std::string_view mountinfo) {
    std::vector<MountedDevice> mounts;
    for (auto& line : parse_mountinfo(mountinfo))
        mounts.push_back({std::move(line.source), std::move(line.mount_point)});
    return mounts;
}

std::vector<std::string> parse_swaps(std::string_view swaps) {
    std::vector<std::string> paths;
    std::istringstream lines{std::string(swaps)};
    std::string line;
    std::getline(lines, line);  // the heading
    while (std::getline(lines, line))
        if (const auto path = line.substr(0, line.find_first_of(" \t")); !path.empty())
            paths.push_back(unescaped_mount_path(path));
    return paths;
}

std::string users_of(const fs::path& node) {
    const auto parts = parts_of(node);
    auto users = mounts_and_swap_of(parts);
    for (const auto& part : parts)
        for (const auto& more : {holders_of(part), loops_on(part)})
            users.insert(users.end(), more.begin(), more.end());
    if (users.empty()) users = mounts_in_other_namespaces(parts);
    if (users.empty()) users = programs_with(parts);
    return joined(users, "; ");
}

std::string active_swap_files_on(dev_t device) {
    std::string files;
    for (const auto& path : parse_swaps(text_of("/proc/swaps"))) {
        struct stat about{};
        if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode) || about.st_dev != device) continue;
        files += (files.empty() ? "" : " ") + path;
    }
    return files;
}

}  // namespace mox::storage
