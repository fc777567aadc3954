#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mox::boot {

/// The part of a medkit's name that belongs to a router under contract: "-contract-X" for the boot
/// environment's `contract=turris_lists=contracts/X`, "" without contract or when it cannot be read. Pure.
/// Only letters, digits, `-`, `_` and `.` are accepted in X, because it becomes part of file names and
/// addresses.
[[nodiscard]] std::string medkit_variant(const std::optional<std::string>& contract_variable);

}  // namespace mox::boot
