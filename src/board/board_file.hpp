#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "board/description.hpp"

namespace mox::board {

/// The directory of board files, below the root directory: boards that are not built in, or that replace
/// built-in ones.
inline constexpr std::string_view board_files_directory = "etc/mox-rescue/boards";

/// Reads a board file. Each line is `KEY=value` in shell syntax, as in /etc/os-release; lists have blanks
/// between their elements. docs/boards.md explains the keys. Pure.
///
/// `LIKE=COMPATIBLE` names a built-in board whose values are used for all keys that are missing; without it
/// every key that has no default in Description must be there. Errors (`internal`): one that names all lines
/// that are wrong, and all keys that are missing.
[[nodiscard]] Expected<Description> parse_board_file(std::string_view text);

/// The board as the text of a board file with all keys, in the order of the documentation.
[[nodiscard]] std::string format_board_file(const Description& board);

/// Reads a board file. Errors (`internal`): it cannot be read, or parse_board_file refuses it.
[[nodiscard]] Expected<Description> read_board_file(const std::filesystem::path& file);

/// The board for which a program on a PC works: that of `file`, a board file; the Turris MOX without one.
/// Errors: those of read_board_file.
[[nodiscard]] Expected<Description> board_of_file_or_mox(const std::optional<std::filesystem::path>& file);

/// The boards of the files `*.conf` in board_files_directory below `root`, sorted by their names, then the
/// built-in ones. Errors (`internal`): a file cannot be read or is wrong. A directory that does not exist has
/// no files.
[[nodiscard]] Expected<std::vector<Description>> known_boards(const std::filesystem::path& root);

}  // namespace mox::board
