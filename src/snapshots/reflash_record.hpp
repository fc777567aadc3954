#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/subvolume.hpp"

namespace mox::snapshots {

// What a re-flash (modes 4 and 6) writes down before its switch, and what is to be done with what an
// interrupted one left. Pure; interrupted.hpp does it. The steps: update/install.cpp.

/// Which subvolume it is, whatever its name is now. Both are compared: btrfs may give the number of a deleted
/// subvolume again after a mount, and subvolumes of kernels before 3.6 have no uuid.
struct SubvolumeIdentity {
    std::uint64_t id = 0;
    storage::Uuid uuid{};
    auto operator<=>(const SubvolumeIdentity&) const = default;
};

/// The record: on the disk before the switch, and until nothing else of the re-flash is left.
struct ReflashRecord {
    SubvolumeIdentity new_root;          ///< `@reflash.new`, which becomes `@`
    SubvolumeIdentity new_factory;       ///< `@reflash.factory`, which becomes `@factory`
    std::vector<SubvolumeIdentity> old;  ///< everything that the re-flash replaces
    bool operator==(const ReflashRecord&) const = default;
};

/// One line for each subvolume, and an end mark with their number.
[[nodiscard]] std::string format_reflash_record(const ReflashRecord& record);

/// nullopt: empty, cut off, of another version, or damaged in any line.
[[nodiscard]] std::optional<ReflashRecord> parse_reflash_record(std::string_view text);

/// A subvolume at the top level.
struct FoundSubvolume {
    std::string name;
    SubvolumeIdentity identity;
    storage::Uuid parent{};  ///< what it is a snapshot of; all zero: of nothing
};

enum class ReflashOutcome {
    none,      ///< no re-flash was interrupted
    undone,    ///< not switched: what it built goes, nothing else
    finished,  ///< switched: what it replaced goes
    given_up,  ///< something else became of the card since: what it replaced stays
};

/// What is to be done, in this order.
struct ReflashRepair {
    ReflashOutcome outcome = ReflashOutcome::none;
    bool publish_factory = false;                 ///< `@reflash.factory` becomes `@factory`
    std::vector<std::string> erase{};             ///< names after publishing
    std::vector<std::string> keep_as_snapshot{};  ///< names that become the next snapshots
    bool operator==(const ReflashRepair&) const = default;
};

/// Decides by what the subvolumes are, not by their names. `record` is the text of the record; nullopt: there
/// is none. The re-flash has switched only if `@` is the recorded new root, or provably a snapshot of it or
/// of its factory snapshot. A record that cannot be read means that it has not. If anything was made of the
/// old subvolumes since (a rollback by any tool), nothing old is erased.
[[nodiscard]] ReflashRepair plan_reflash_repair(const std::optional<std::string>& record,
                                                const std::vector<FoundSubvolume>& found);

}  // namespace mox::snapshots
