#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mox::boot {

/// The part of a medkit's name for a router under contract: "-contract-X" for the boot environment's
/// `contract=turris_lists=contracts/X`, "" without a contract or for another value. Pure. Only letters,
/// digits, `-`, `_` and `.` are accepted in X, because it becomes part of file names and URLs.
[[nodiscard]] std::string medkit_variant(const std::optional<std::string>& contract_variable);

}  // namespace mox::boot
