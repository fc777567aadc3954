#include "board/this_board.hpp"

#include "base/file.hpp"

namespace mox::board {

std::optional<Description> this_board(const std::filesystem::path& root) {
    const auto compatible = read_small_file(root / "proc/device-tree/compatible", ErrorKind::internal);
    if (!compatible) return std::nullopt;
    return board_for(*compatible);
}

std::filesystem::path sysrq_trigger(const std::filesystem::path& root) {
    const auto board = this_board(root);
    return board && !board->sysrq_trigger.empty() ? root / board->sysrq_trigger : std::filesystem::path();
}

}  // namespace mox::board
