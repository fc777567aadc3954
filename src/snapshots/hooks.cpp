#include "snapshots/hooks.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include "base/child_process.hpp"
#include "base/error.hpp"
#include "config/shell_lines.hpp"
#include "snapshots/description.hpp"
#include "storage/mount.hpp"

namespace mox::snapshots {

namespace {

/// Where the hooks see the new root: the directory exists on every system, and hooks do not need its content.
constexpr const char* mount_point = "/mnt";

void log_line(const HookSettings& settings, const std::string& line) {
    if (settings.log) settings.log(line);
}

/// Executable files, by name.
std::vector<std::filesystem::path> hooks_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> hooks;
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator(directory, error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code unreadable;
        if (entry->is_regular_file(unreadable) && ::access(entry->path().c_str(), X_OK) == 0)
            hooks.push_back(entry->path());
    }
    std::ranges::sort(hooks);
    return hooks;
}

/// Mounts the new root so that only this thread and its children see it.
Expected<storage::DetachedMount> mount_for_hooks(const std::filesystem::path& device, std::uint64_t id) {
    constexpr auto kind = ErrorKind::internal;
    if (::unshare(CLONE_NEWNS) != 0) return fail_errno(kind, "no mount namespace for hooks");
    // Later mounts of the user appear in this namespace; our mount does not appear outside.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
        return fail_errno(kind, "no mount namespace for hooks");
    const std::array request{storage::MountRequest{
        .type = "btrfs", .options = {{"subvolid", std::to_string(id)}}, .attributes = MOUNT_ATTR_NOATIME}};
    auto mounted = storage::mount_detached(device, request);
    if (!mounted)
        return fail_errno(kind, "the new root cannot be mounted for hooks", mounted.error().error_number);
    if (::move_mount(mounted->mount.get(), "", AT_FDCWD, mount_point, MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return fail_errno(kind, std::string("the new root cannot be mounted on ") + mount_point);
    return std::move(*mounted);
}

void run_hook(const HookSettings& settings, const std::filesystem::path& hook) {
    const auto name = escaped_for_display(hook.filename().native());
    auto result = run_child({hook.native(), mount_point}, settings.time_limit);
    if (!result) {
        log_line(settings, "warning: hook " + name + ": " + result.error().describe());
        return;
    }
    for (const auto line : config::lines_of(result->output))
        log_line(settings, name + ": " + escaped_for_display(line));
    if (!result->succeeded())
        log_line(settings,
                 "warning: hook " + name + " failed with status " + std::to_string(result->exit_status));
}

}  // namespace

void run_rollback_hooks(const HookSettings& settings, const std::filesystem::path& device, std::uint64_t id) {
    if (settings.directory.empty()) return;
    const auto hooks = hooks_in(settings.directory);
    if (hooks.empty()) return;
    // A separate thread gets its own mount namespace, and its children inherit it.
    std::thread([&] {
        auto mounted = mount_for_hooks(device, id);
        if (!mounted) return log_line(settings, "warning: hooks were not run: " + mounted.error().describe());
        for (const auto& hook : hooks) run_hook(settings, hook);
    }).join();
}

}  // namespace mox::snapshots
