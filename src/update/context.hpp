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

/// Programs and files of the system around us that modes 5 to 7 use; the defaults are those of the rescue
/// image (docs/architecture.md).
struct SystemPaths {
    /// The port of modes 5 and 6. Nothing: this machine is online by itself, mode 6 leaves its network alone.
    std::optional<network::PortChoice> port = std::nullopt;

    std::filesystem::path lease_hook = "/sbin/lease-hook";  ///< our program for udhcpc (network/lease.hpp)
    std::filesystem::path resolver_configuration = "/etc/resolv.conf";
    std::filesystem::path authorities = "/etc/ssl/certs/ca-certificates.crt";

    /// Holds seconds since 1970: no clock can rightly be behind. Missing on a PC.
    std::filesystem::path build_time = "/etc/mox-rescue/build-time";

    /// For what the rescue writes while it runs: in memory.
    std::filesystem::path run_folder = "/run/mox-rescue";

    std::filesystem::path console = {};  ///< terminal of the rescue shell; empty: there is none
    std::vector<std::string> shell{"/bin/sh", "-l"};
};

enum class Execution { real, dry_run };

/// Why a mode runs.
enum class StartedBy {
    user,    ///< by button, or on the command line
    marker,  ///< the boot environment forces it (restart_marker.hpp)
};

/// All that a mode may use. The references outlive the mode.
struct Context {
    const board::Description& board;
    storage::Drives& drives;
    boot::Environment& environment;
    Log& log;
    Progress& progress;
    std::filesystem::path keys;          ///< folder of trusted public keys; the boot environment may add some
    std::optional<std::string> variant;  ///< of medkits; otherwise by the boot environment's contract
    Execution execution = Execution::real;
    boot::KernelCommandLine command_line = {};
    SystemPaths system_paths = {};
    StartedBy started_by = StartedBy::user;
    /// Opens the flash partition of the rescue system, where tries are counted; null when there is none.
    std::function<std::unique_ptr<boot::Flash>()> rescue_partition = {};
    /// Since the mode has begun to write; see begin_writing().
    std::optional<Commit> commit = {};
};

/// The border between a mode's two halves. Before it, the mode only looks, and a signal ends it with nothing
/// changed. Every mode calls this right before its first write to a card, a flash or the boot environment;
/// from then to its end signals are refused. Who runs a mode resets `commit` when it is done.
/// Further calls do nothing. Errors (`internal`): a signal has asked to stop.
[[nodiscard]] inline Expected<void> begin_writing(Context& context) {
    if (context.commit) return {};
    auto commit = TRY(Commit::begin());
    context.commit.emplace(std::move(commit));
    return {};
}

}  // namespace mox::update
