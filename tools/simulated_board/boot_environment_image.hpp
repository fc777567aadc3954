#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace mox::simulated_board {

/// Makes the boot environment of a MOX as a file in `directory` (64 KiB, one copy, as in its NOR), and the
/// configuration with which libubootenv reads and writes it. Returns the configuration's path. Runs
/// `mkenvimage` (Debian: u-boot-tools). Errors: `internal`.
[[nodiscard]] Expected<std::filesystem::path> make_boot_environment(const std::filesystem::path& directory);

}  // namespace mox::simulated_board
