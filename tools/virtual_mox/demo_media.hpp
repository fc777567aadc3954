#pragma once

#include <filesystem>
#include <optional>
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

/// A board in `folder` with the shipped image in its NOR, see `prepare_board`. `boot_loader`: what an owner
/// has read from mtd1; "mox-loader.bin" without it. Where its default environment is known (a file .env
/// beside it), that is stored, and the key of the demo's medkit as a trusted one; else the environment is
/// erased. Errors: not built.
[[nodiscard]] Expected<MachineSetup> prepare_demo_board(
    const std::filesystem::path& folder, const std::filesystem::path& built,
    const std::optional<std::filesystem::path>& boot_loader = {});

}  // namespace mox::virtual_mox
