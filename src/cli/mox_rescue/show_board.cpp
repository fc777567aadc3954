#include "cli/mox_rescue/show_board.hpp"

#include <iostream>

#include "board/board_file.hpp"
#include "board/this_board.hpp"
#include "console/print_error.hpp"

namespace mox::cli {

namespace {

Expected<board::Description> board_of(const ShowBoard& command) {
    if (command.file) return board::read_board_file(*command.file);
    auto board = TRY(board::this_board("/"));
    if (!board)
        return fail(ErrorKind::internal, "this machine is not a known router",
                    {"name a board file: mox-rescue board FILE"});
    return std::move(*board);
}

}  // namespace

int show_board(const ShowBoard& command) {
    const auto board = board_of(command);
    if (!board) {
        console::print_error("mox-rescue", board.error());
        return led_code(board.error().kind());
    }
    std::cout << board::format_board_file(*board) << std::flush;
    return 0;
}

}  // namespace mox::cli
