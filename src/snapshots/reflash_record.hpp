#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/subvolume.hpp"

namespace mox::snapshots {

// The record that a re-flash (modes 4 and 6) writes before its switch, and the plan that repairs an
// interrupted re-flash. Pure; interrupted.hpp executes the plan. The steps: update/install.cpp.

/// Identifies a subvolume independently of its name. Both members are compared: btrfs may reuse the number of
/// a deleted subvolume after a mount, and subvolumes of kernels before 3.6 have no uuid.
struct SubvolumeIdentity {
    std::uint64_t id = 0;
    storage::Uuid uuid{};
    auto operator<=>(const SubvolumeIdentity&) const = default;
};

/// The record: it is on the disk before the switch, and until all other traces of the re-flash are removed.
struct ReflashRecord {
    SubvolumeIdentity new_root;          ///< `@reflash.new`, which becomes `@`
    SubvolumeIdentity new_factory;       ///< `@reflash.factory`, which becomes `@factory`
    std::vector<SubvolumeIdentity> old;  ///< all subvolumes that the re-flash replaces
    bool operator==(const ReflashRecord&) const = default;
};

/// One line for each subvolume, and an end mark with their number.
[[nodiscard]] std::string format_reflash_record(const ReflashRecord& record);

/// nullopt: empty, incomplete, of another version, or damaged in any line.
[[nodiscard]] std::optional<ReflashRecord> parse_reflash_record(std::string_view text);

/// A subvolume at the top level.
struct FoundSubvolume {
    std::string name;
    SubvolumeIdentity identity;
    storage::Uuid parent{};  ///< what it is a snapshot of; all zero: not a snapshot
};

enum class ReflashOutcome {
    none,       ///< no re-flash was interrupted
    undone,     ///< not switched: only its new subvolumes are erased
    finished,   ///< switched: the replaced subvolumes are erased
    abandoned,  ///< the card got another system since: the replaced subvolumes stay
};

/// The steps of a repair, in this order.
struct ReflashRepair {
    ReflashOutcome outcome = ReflashOutcome::none;
    bool publish_factory = false;                 ///< `@reflash.factory` becomes `@factory`
    std::vector<std::string> erase{};             ///< names after publishing
    std::vector<std::string> keep_as_snapshot{};  ///< names that become the next snapshots
    bool operator==(const ReflashRepair&) const = default;
};

/// Decides by the identities of the subvolumes, not by their names. `record` is the text of the record;
/// nullopt: there is none. The re-flash has switched only if `@` is the recorded new root, or provably a
/// snapshot of it or of its factory snapshot. An unreadable record means that it has not. If a subvolume was
/// made from an old one since (a rollback by any tool), no old subvolume is erased.
[[nodiscard]] ReflashRepair plan_reflash_repair(const std::optional<std::string>& record,
                                                const std::vector<FoundSubvolume>& found);

}  // namespace mox::snapshots
