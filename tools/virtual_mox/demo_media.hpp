#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "medkit/archive.hpp"
#include "virtual_mox/machine_setup.hpp"

namespace mox::virtual_mox {

// The demo system's medkit, built by image/build-demo-system, and a board that trusts its key.

struct DemoMedkit {
    std::filesystem::path folder;   ///< directory with the files for a stick
    std::filesystem::path archive;  ///< in it
    medkit::ArchiveSummary content;
};

/// Reads the whole medkit. Errors: it was not built, or is not valid.
[[nodiscard]] Expected<DemoMedkit> find_demo_medkit(const std::filesystem::path& built);

/// A board in `folder` with the shipped image in its NOR, see `prepare_board`. `boot_loader`: as read from
/// mtd1 of a MOX; nullopt: "mox-loader.bin". If its default environment is known (a file .env beside it),
/// this is stored together with the key of the demo's medkit as a trusted key; else the environment is
/// erased. Errors: a file was not built.
[[nodiscard]] Expected<MachineSetup> prepare_demo_board(
    const std::filesystem::path& folder, const std::filesystem::path& built,
    const std::optional<std::filesystem::path>& boot_loader = {});

}  // namespace mox::virtual_mox
