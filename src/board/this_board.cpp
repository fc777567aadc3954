#include "board/this_board.hpp"

#include <utility>

#include "base/file.hpp"
#include "board/board_file.hpp"

namespace mox::board {

Expected<std::optional<Description>> this_board(const std::filesystem::path& root) {
    const auto compatible = read_small_file(root / "proc/device-tree/compatible", ErrorKind::internal);
    if (!compatible) return std::nullopt;  // a PC
    const auto boards = TRY(known_boards(root));
    return board_for(*compatible, boards);
}

BoardOrMox this_board_or_mox(const std::filesystem::path& root) {
    auto found = this_board(root);
    if (!found) return {.board = turris_mox(), .wrong_file = std::move(found).error()};
    if (*found) return {.board = std::move(**found), .is_known = true};
    return {.board = turris_mox()};
}

std::filesystem::path sysrq_trigger(const std::filesystem::path& root) {
    const auto board = this_board(root);
    return board && *board && !(*board)->sysrq_trigger.empty() ? root / (*board)->sysrq_trigger
                                                               : std::filesystem::path();
}

}  // namespace mox::board
