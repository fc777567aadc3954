#pragma once

#include <string>
#include <string_view>

namespace mox::virtual_mox {

/// The visible text of a line of the board: without colours and cursor movements, and only the last text
/// after carriage returns. Pure.
[[nodiscard]] std::string visible_text(std::string_view line);

}  // namespace mox::virtual_mox
