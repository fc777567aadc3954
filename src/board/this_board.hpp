#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "board/description.hpp"

namespace mox::board {

/// The board on which this program runs, by the kernel's device tree below `root` ("/"). nullopt: a PC or an
/// unknown board. Errors (`internal`): a board file is wrong (board_file.hpp).
[[nodiscard]] Expected<std::optional<Description>> this_board(const std::filesystem::path& root);

/// The board for programs that must start on any router: where the board is unknown, or a board file is
/// wrong, it is a Turris MOX.
struct BoardOrMox {
    Description board;
    bool is_known = false;
    std::optional<Error> wrong_file = {};  ///< to be logged
};

[[nodiscard]] BoardOrMox this_board_or_mox(const std::filesystem::path& root);

/// Description::sysrq_trigger of the board on which this program runs, below `root`; empty: none, as on a PC,
/// or with a wrong board file, of which this_board() tells.
[[nodiscard]] std::filesystem::path sysrq_trigger(const std::filesystem::path& root);

}  // namespace mox::board
