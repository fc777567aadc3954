#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::snapshots {

/// The names in an open directory, in no order, without "." and "..". Errors: `card`.
[[nodiscard]] Expected<std::vector<std::string>> names_in(int directory);

/// Why `name` is no subvolume that can be read, for people; empty: it is one. None: there is no such entry.
/// Nothing is followed.
[[nodiscard]] std::optional<std::string> damage_of(int directory, const std::string& name);

}  // namespace mox::snapshots
