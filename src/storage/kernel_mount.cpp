#include "storage/kernel_mount.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace mox::storage {

namespace {

/// The lines that a file system's driver left for whoever configures it: "e unknown option", without the
/// letter. Drivers that only write to the kernel log leave none.
std::string messages_of(int context) {
    std::string text;
    std::array<char, 512> line{};
    for (;;) {
        const ssize_t got = ::read(context, line.data(), line.size());
        if (got <= 0) return text;
        std::string message(line.data(), static_cast<std::size_t>(got));
        while (!message.empty() && message.back() == '\n') message.pop_back();
        if (message.size() > 2 && message[1] == ' ') message.erase(0, 2);
        if (!text.empty()) text += "; ";
        text += message;
    }
}

std::unexpected<MountRefusal> refused(int context) {
    const int reason = errno;
    return std::unexpected(MountRefusal{reason, context < 0 ? std::string() : messages_of(context)});
}

bool set_option(int context, const MountOption& option) {
    if (option.value.empty())
        return ::fsconfig(context, FSCONFIG_SET_FLAG, option.name.c_str(), nullptr, 0) == 0;
    return ::fsconfig(context, FSCONFIG_SET_STRING, option.name.c_str(), option.value.c_str(), 0) == 0;
}

std::expected<DetachedMount, MountRefusal> try_to_mount(const std::filesystem::path& node,
                                                        const MountRequest& request) {
    const UniqueFd context(::fsopen(request.type.c_str(), FSOPEN_CLOEXEC));
    if (!context) return refused(-1);
    if (!set_option(context.get(), {"source", node.native()})) return refused(context.get());
    for (const auto& option : request.options)
        if (!set_option(context.get(), option)) return refused(context.get());
    if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return refused(context.get());

    UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, request.attributes));
    if (!mount) return refused(context.get());
    UniqueFd root(::openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return refused(-1);
    return DetachedMount{std::move(mount), std::move(root)};
}

}  // namespace

bool is_file_system_damage(int error_number) {
    constexpr std::array damage{
        EUCLEAN,    // EFSCORRUPTED in the kernel's drivers
        EBADMSG,    // EFSBADCRC
        EINVAL,     // a superblock with impossible values
        ENOENT,     // btrfs: a tree that must be there is not
        EOVERFLOW,  // btrfs: a chunk or a device beyond its limits
        EFBIG,      // larger than its device
        ENOSPC,     // btrfs: no room to replay the log
        EIO,
        ENODATA,    // BLK_STS_MEDIUM: the medium lost the sector
        EREMOTEIO,  // BLK_STS_TARGET: the device refuses the sector
        EILSEQ,     // BLK_STS_PROTECTION
    };
    return std::ranges::find(damage, error_number) != damage.end();
}

std::expected<DetachedMount, MountRefusal> mount_detached(const std::filesystem::path& node,
                                                          std::span<const MountRequest> requests) {
    MountRefusal last;
    for (const auto& request : requests) {
        auto mounted = try_to_mount(node, request);
        if (mounted) return mounted;
        const int reason = mounted.error().error_number;
        const bool next_may_work = reason == ENODEV || reason == EINVAL;
        if (last.error_number == 0 || last.error_number == ENODEV) last = std::move(mounted).error();
        if (!next_may_work) break;
    }
    return std::unexpected(std::move(last));
}

}  // namespace mox::storage
