#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace mox::virtual_mox {

enum class ButtonAtStart { released, held };

struct RunOptions {
    std::filesystem::path built;   ///< directory with the output of `make image`
    std::filesystem::path folder;  ///< directory for flash images and QEMU's log; created if missing
    std::optional<std::filesystem::path> card{};   ///< nullopt: a new one with the demo system
    std::optional<std::filesystem::path> stick{};  ///< nullopt: a FAT32 stick with the demo's medkit
    bool stick_is_in = false;                      ///< plugged in from the start
    bool card_is_in = true;
    ButtonAtStart button = ButtonAtStart::released;
    std::optional<std::filesystem::path> boot_loader{};  ///< as read from mtd1 of a MOX
    std::string network{};                               ///< options for QEMU's own network, see MachineSetup
};

/// Powers a board on and connects it to the terminal until the user quits. Cards and sticks that are not
/// named are made in `folder`, unless they exist from an earlier run. Errors: a file is missing, or stdin is
/// not a terminal.
[[nodiscard]] Expected<void> run_board(const RunOptions& options);

}  // namespace mox::virtual_mox
