#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "snapshots/snapshot.hpp"

namespace mox::snapshots {

// Temporary names at the top level, which exist only during an operation. None of them is the name of a
// snapshot.

inline constexpr std::string_view created_name = "@create.new";     ///< a new snapshot without its number
inline constexpr std::string_view new_root_name = "@rollback.new";  ///< after the exchange: the old root
inline constexpr std::string_view journal_name = "rollback.journal";
inline constexpr std::string_view savepoint_name = "savepoint.info";
inline constexpr std::string_view reserve_name = "@savepoint.reserve";  ///< savepoint.hpp
inline constexpr std::string_view deleted_prefix = "@delete.";

// Names of a re-flash (modes 4 and 6).
inline constexpr std::string_view reflash_root_name = "@reflash.new";  ///< after the switch: the old root
/// After the new factory snapshot is published: the old one.
inline constexpr std::string_view reflash_factory_name = "@reflash.factory";
inline constexpr std::string_view reflash_record_name = "reflash.erase";  ///< reflash_record.hpp

/// "@delete.3": snapshot 3 during its deletion.
[[nodiscard]] inline std::string deleted_name(Number number) {
    return std::string(deleted_prefix) + to_text(number);
}

/// "@delete.3" -> 3
[[nodiscard]] inline std::optional<Number> number_of_deleted(std::string_view name) {
    if (!name.starts_with(deleted_prefix)) return std::nullopt;
    return number_named(name.substr(deleted_prefix.size()));
}

}  // namespace mox::snapshots
