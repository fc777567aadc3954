#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/progress.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "boot/kernel_command_line.hpp"
#include "modes/surroundings.hpp"
#include "storage/drive.hpp"

namespace mox::modes {

enum class Execution { real, dry_run };

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
};

}  // namespace mox::modes
