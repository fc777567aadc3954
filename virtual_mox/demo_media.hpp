#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "medkit/archive.hpp"
#include "virtual_mox/machine_setup.hpp"

namespace mox::virtual_mox {

// The demo system's medkit as image/build-demo-system makes it, and what the board needs to trust it.

struct DemoMedkit {
    std::filesystem::path folder;   ///< everything that belongs on a stick
    std::filesystem::path archive;  ///< in it
    medkit::ArchiveSummary content;
};

/// Reads it to its end. Errors: it was not built, or is none.
[[nodiscard]] Expected<DemoMedkit> find_demo_medkit(const std::filesystem::path& built);

/// The boot loader's default environment, and the key of the demo's medkit as a trusted one. Errors: not
/// built.
[[nodiscard]] Expected<boot::Variables> demo_environment(const std::filesystem::path& built);

/// A board in `folder` with that environment and the shipped image in its NOR, see `prepare_board`. Errors:
/// not built.
[[nodiscard]] Expected<MachineSetup> prepare_demo_board(const std::filesystem::path& folder,
                                                        const std::filesystem::path& built);

}  // namespace mox::virtual_mox
