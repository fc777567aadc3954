#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/progress.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "boot/flash.hpp"
#include "boot/kernel_command_line.hpp"
#include "modes/surroundings.hpp"
#include "storage/drive.hpp"

namespace mox::modes {

enum class Execution { real, dry_run };

/// Why a mode runs.
enum class StartedBy {
    user,    ///< by button, or on the command line
    marker,  ///< the boot environment forces it (restart_marker.hpp)
};

/// All that a mode may use. The references outlive the mode.
struct ModeContext {
    const board::Description& board;
    storage::Drives& drives;
    boot::Environment& environment;
    Log& log;
    Progress& progress;
    std::filesystem::path keys;          ///< folder of trusted public keys; the boot environment may add some
    std::optional<std::string> variant;  ///< of medkits; otherwise by the boot environment's contract
    Execution execution = Execution::real;
    boot::KernelCommandLine command_line = {};
    Surroundings surroundings = {};
    StartedBy started_by = StartedBy::user;
    /// Opens the flash partition of the rescue system, where tries are counted; null when there is none.
    std::function<std::unique_ptr<boot::Flash>()> rescue_partition = {};
};

}  // namespace mox::modes
