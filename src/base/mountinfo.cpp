#include "base/mountinfo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace mox {

namespace {

/// Not by read_small_file, whose errors are made with this module. Empty when it cannot be read.
std::string own_mountinfo() {
    const UniqueFd file(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 4096> block{};
    while (file) {
        const ssize_t got = ::read(file.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace

std::string unescaped_mount_path(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digits = text.substr(i).starts_with('\\') ? text.substr(i + 1, 3) : std::string_view();
        const bool escape =
            digits.size() == 3 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '7'; });
        if (!escape) {
            plain += text[i];
            continue;
        }
        plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
        i += digits.size();
    }
    return plain;
}

std::vector<MountLine> parse_mountinfo(std::string_view mountinfo) {
    std::vector<MountLine> mounts;
    while (!mountinfo.empty()) {
        // "36 35 0:45 /root /mount_point options [more...] - type source options"
        auto before = take_line(mountinfo);
        const auto dash = before.find(" - ");
        if (dash == std::string_view::npos) continue;
        auto behind = before.substr(dash + 3);
        before = before.substr(0, dash);
        const auto id = whole_number<std::uint64_t>(take_until(before, ' '));
        take_until(before, ' ');  // the mount on which it is mounted
        MountLine mount;
        for (auto* field : {&mount.device, &mount.root, &mount.mount_point, &mount.options})
            *field = unescaped_mount_path(take_until(before, ' '));
        for (auto* field : {&mount.type, &mount.source, &mount.super_options})
            *field = unescaped_mount_path(take_until(behind, ' '));
        if (!id || mount.mount_point.empty() || mount.source.empty()) continue;
        mount.id = *id;
        mounts.push_back(std::move(mount));
    }
    return mounts;
}

std::optional<MountLine> mount_of(int fd) {
    struct statx about{};
    if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &about) != 0 || (about.stx_mask & STATX_MNT_ID) == 0)
        return std::nullopt;
    auto mounts = parse_mountinfo(own_mountinfo());
    const auto found = std::ranges::find(mounts, about.stx_mnt_id, &MountLine::id);
    if (found == mounts.end()) return std::nullopt;
    return std::move(*found);
}

}  // namespace mox
