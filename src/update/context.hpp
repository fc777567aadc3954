#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/interruption.hpp"
#include "base/log.hpp"
#include "base/progress.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "boot/flash.hpp"
#include "boot/kernel_command_line.hpp"
#include "network/port.hpp"
#include "storage/drives.hpp"

namespace mox::update {

/// Programs and files of the running system that modes 5 to 7 use; the defaults are those of the rescue image
/// (docs/architecture.md).
struct SystemPaths {
    /// The port of modes 5 and 6. nullopt: the machine is already online, mode 6 does not change its network.
    std::optional<network::PortChoice> port = std::nullopt;

    std::filesystem::path lease_hook = "/sbin/lease-hook";  ///< our program for udhcpc (network/lease.hpp)
    std::filesystem::path resolver_configuration = "/etc/resolv.conf";
    std::filesystem::path authorities = "/etc/ssl/certs/ca-certificates.crt";

    /// Holds the build time in seconds since 1970; an earlier clock is wrong. Does not exist on a PC.
    std::filesystem::path build_time = "/etc/mox-rescue/build-time";

    /// For files that the rescue system writes while it runs; in memory.
    std::filesystem::path run_directory = "/run/mox-rescue";

    std::filesystem::path console = {};  ///< terminal of the rescue shell; empty: none
    std::vector<std::string> shell{"/bin/sh", "-l"};
};

enum class Execution { real, dry_run };

/// The cause of a run of a mode.
enum class StartedBy {
    user,    ///< by button, or on the command line
    marker,  ///< the boot environment forces it (restart_marker.hpp)
};

/// Where mode 4 looks for medkits.
struct MedkitSources {
    /// Files, and directories that are searched like a USB drive, which the user has named. With one of them
    /// the card is not searched, and no other drive is waited for.
    std::vector<std::filesystem::path> paths = {};
    bool usb_drives = true;
    /// What the user can do when none of them holds a medkit; empty: to put one onto a USB drive.
    std::string hint = {};
    /// The same when there is no directory of keys to check a signature with; empty: nothing.
    std::string keys_hint = {};
};

/// What the user is asked before a mode erases the card.
struct EraseQuestion {
    std::string card;    ///< node, size, model and content (storage::DiskSummary)
    std::string medkit;  ///< file, version and signature of the system that replaces it
};

/// Everything that a mode may use. The references must outlive the mode.
struct Context {
    const board::Description& board;
    storage::Drives& drives;
    boot::Environment& environment;
    Log& log;
    Progress& progress;
    std::filesystem::path keys;  ///< directory of trusted public keys; the boot environment may add keys
    std::optional<std::string> variant;  ///< of medkits; nullopt: by the contract in the boot environment
    Execution execution = Execution::real;
    boot::KernelCommandLine command_line = {};
    SystemPaths system_paths = {};
    StartedBy started_by = StartedBy::user;
    /// Opens the flash partition of the rescue system, in which tries are counted; returns null if there is
    /// none.
    std::function<std::unique_ptr<boot::Flash>()> rescue_partition = {};
    MedkitSources medkits = {};
    /// Asks the user, after all checks and before the first write; an error ends the mode with nothing
    /// changed. Empty: the user has chosen already. May be called on any thread, and waits as long as the
    /// user thinks.
    std::function<Expected<void>(const EraseQuestion& question)> confirm = {};
    /// Set from the first write of the mode on; see begin_writing().
    std::optional<Commit> commit = {};
};

/// The border between the two parts of a mode. Before it the mode only reads, and a signal ends the mode with
/// nothing changed. Every mode calls this right before its first write to a card, a flash or the boot
/// environment; from then to its end signals are refused. The caller of the mode resets `commit` after the
/// mode. Further calls have no effect. Errors (`internal`): a signal has requested to stop.
[[nodiscard]] inline Expected<void> begin_writing(Context& context) {
    if (context.commit) return {};
    auto commit = TRY(Commit::begin());
    context.commit.emplace(std::move(commit));
    return {};
}

}  // namespace mox::update
