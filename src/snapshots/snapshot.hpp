#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace mox::snapshots {

/// The number of a snapshot: 1 to `highest_number`. The next one is the highest on the card plus one.
struct Number {
    std::uint32_t value = 0;
    constexpr auto operator<=>(const Number&) const = default;
};

/// Nine digits: enough for a snapshot every minute for 1,900 years, without an overflow.
inline constexpr Number highest_number{999'999'999};

enum class SnapshotType {
    single,    ///< made by the user; also the type without an info file
    time,      ///< made regularly, by cron
    pre,       ///< before an update
    post,      ///< after an update
    rollback,  ///< the state that a rollback replaced
    save,      ///< made by `savepoint`
};

/// "single", "time", ...: as in info files and on the command line.
[[nodiscard]] std::string_view name_of(SnapshotType type);
[[nodiscard]] std::optional<SnapshotType> type_named(std::string_view name);
/// All types, in the order of the enumeration.
[[nodiscard]] const std::vector<SnapshotType>& all_types();

/// The factory snapshot: the state in which the router left the factory, or was last re-flashed.
struct Factory {
    constexpr auto operator<=>(const Factory&) const = default;
};

/// The target of a rollback.
using Target = std::variant<Number, Factory>;

/// "3" or "factory": as on the command line and in ROLL_TO.
[[nodiscard]] std::string to_text(const Target& target);
[[nodiscard]] std::string to_text(Number number);
/// The inverse of to_text; nullopt for any other text ("007", "0", "3; reboot", "4294967296").
[[nodiscard]] std::optional<Target> target_named(std::string_view text);
[[nodiscard]] std::optional<Number> number_named(std::string_view text);

/// The names at the top level of the card.
inline constexpr std::string_view root_name = "@";
inline constexpr std::string_view factory_name = "@factory";
/// "@3", "@factory"
[[nodiscard]] std::string subvolume_of(const Target& target);
/// "3.info"
[[nodiscard]] std::string info_file_of(Number number);
/// "@3" -> 3; nullopt for "@", "@factory", "@03", "@3.new".
[[nodiscard]] std::optional<Number> number_of_subvolume(std::string_view name);
/// "3.info" -> 3
[[nodiscard]] std::optional<Number> number_of_info_file(std::string_view name);

/// One snapshot on the card.
struct Snapshot {
    Number number;
    SnapshotType type = SnapshotType::single;
    std::string description;        ///< as in the info file: escape it before it is shown (description.hpp)
    std::string created;            ///< "2026-11-22 15:24:44 +0000"; from the info file, so escape it too
    std::optional<Target> roll_to;  ///< of type rollback: the target of that rollback
    /// Not empty: message why it cannot be rolled back to ("@3 is a symbolic link, not a snapshot").
    std::string damage;
    /// Not empty: message about an invalid info file; the snapshot itself is usable.
    std::string info_warning;

    [[nodiscard]] bool usable() const { return damage.empty(); }
};

/// The default of `create` without a description.
inline constexpr std::string_view default_description = "User created snapshot";

/// For error messages: "snapshots 1, 2, 5 and factory", "only snapshot 1", "only factory",
/// "no snapshots at all".
[[nodiscard]] std::string what_exists(const std::vector<Snapshot>& snapshots, bool factory_exists);

}  // namespace mox::snapshots
