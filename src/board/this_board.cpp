#include "board/this_board.hpp"

#include "base/file.hpp"

namespace mox::board {

std::optional<Description> this_board(const std::filesystem::path& root) {
    const auto compatible = read_small_file(root / "proc/device-tree/compatible", ErrorKind::internal);
    if (!compatible) return std::nullopt;
    return board_for(*compatible);
}

}  // namespace mox::board
