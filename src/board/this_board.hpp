#pragma once

#include <filesystem>
#include <optional>

#include "board/description.hpp"

namespace mox::board {

/// The board that we run on, by the device tree that the kernel shows below `root` ("/"). Nothing on a PC, or
/// when we do not know it.
[[nodiscard]] std::optional<Description> this_board(const std::filesystem::path& root);

/// Description::sysrq_trigger of the board that we run on, below `root`; empty when there is none, as on a
/// PC.
[[nodiscard]] std::filesystem::path sysrq_trigger(const std::filesystem::path& root);

}  // namespace mox::board
