#pragma once

#include <string>
#include <string_view>

namespace mox::virtual_mox {

/// What a line that a board has written looks like in the end: without colours and movements of the cursor,
/// and after a carriage return only what was written last. Pure.
[[nodiscard]] std::string visible_text(std::string_view line);

}  // namespace mox::virtual_mox
