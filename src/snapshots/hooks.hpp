#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace mox::snapshots {

/// Lines about a hook: its output, and warnings when it fails.
using HookLog = std::function<void(const std::string&)>;

struct HookSettings {
    /// The hooks; empty: none are run. Usually /etc/schnapps/rollback.d of the running system.
    std::filesystem::path folder{};
    /// For each hook. A hook that has not ended by then is killed.
    std::chrono::milliseconds time_limit{std::chrono::seconds(30)};
    HookLog log{};
};

/// Runs every executable file of the folder, by name, with the path of the new root as its only argument.
/// The new root (subvolume `id` on `device`) is mounted for the hooks alone, in a mount namespace of their
/// own on /mnt, so that every program can work with the path and nothing shows up in the user's mounts.
/// Whatever a hook does, it only leaves a line in the log: hooks cannot break the rollback.
void run_rollback_hooks(const HookSettings& settings, const std::filesystem::path& device, std::uint64_t id);

}  // namespace mox::snapshots
