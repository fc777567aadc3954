#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace mox::snapshots {

/// Receives lines about a hook: its output, and warnings when it fails.
using HookLog = std::function<void(const std::string&)>;

struct HookSettings {
    /// The directory of the hooks, usually /etc/schnapps/rollback.d of the running system; empty: no hook
    /// runs.
    std::filesystem::path directory{};
    /// For each hook. A hook that runs longer is killed.
    std::chrono::milliseconds time_limit{std::chrono::seconds(30)};
    HookLog log{};
};

/// Runs every executable file of the directory, in the order of names, with the path of the new root as its
/// only argument. The new root (subvolume `id` on `device`) is mounted on /mnt in a mount namespace of the
/// hooks, so that every program can use the path and the user's mounts do not change. A failing hook only
/// causes a log line: hooks cannot break the rollback.
void run_rollback_hooks(const HookSettings& settings, const std::filesystem::path& device, std::uint64_t id);

}  // namespace mox::snapshots
