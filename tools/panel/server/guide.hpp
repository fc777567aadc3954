#pragma once

#include <string>

#include "panel/server/board_state.hpp"

namespace mox::virtual_mox::panel {

// The meaning of the board's state and the next step of the user, in the manual's words. Pure.

/// What the router does, in a few words next to the LED's state: "mode 4 is running".
[[nodiscard]] std::string doing_of(const BoardState& board);

/// The meaning of the LED now: "announces mode 3: rollback to factory reset".
[[nodiscard]] std::string meaning_of(const BoardState& board);

/// "Press to move on to mode 4; do nothing and it will run."
[[nodiscard]] std::string hint_for(const BoardState& board);

}  // namespace mox::virtual_mox::panel
