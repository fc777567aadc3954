#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace mox::virtual_mox {

enum class ButtonAtStart { released, held };

struct RunOptions {
    std::filesystem::path built;                   ///< what `make image` has built
    std::filesystem::path folder;                  ///< for flash images and QEMU's log; made if missing
    std::optional<std::filesystem::path> card{};   ///< nothing: a fresh one with the demo system
    std::optional<std::filesystem::path> stick{};  ///< nothing: a FAT32 stick with the demo's medkit
    bool stick_is_in = false;                      ///< plugged in from the start
    bool card_is_in = true;
    ButtonAtStart button = ButtonAtStart::released;
    std::optional<std::filesystem::path> boot_loader{};  ///< what was read from mtd1 of a MOX
    std::string network{};                               ///< options for QEMU's own network, see MachineSetup
};

/// Powers a board on and gives it to whoever sits at the terminal, until they quit. Cards and sticks that are
/// not named are made in the folder, unless they are there from an earlier run. Errors: something is missing,
/// or no terminal.
[[nodiscard]] Expected<void> run_board(const RunOptions& options);

}  // namespace mox::virtual_mox
