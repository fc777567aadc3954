#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/subvolume.hpp"

namespace mox::snapshots {

/// Paths that may differ, relative to the roots.
struct Candidates {
    std::vector<std::string> alone;  ///< compare just this entry
    std::vector<std::string> whole;  ///< compare it with everything below it
};

/// True when `path` is `ancestor`, or lies below it. The root ("") has everything below it.
[[nodiscard]] bool is_within(std::string_view path, std::string_view ancestor);

/// "etc", "config" -> "etc/config"; with an empty directory only the name, with the name "." only the
/// directory.
[[nodiscard]] std::string joined(std::string_view directory, std::string_view name);

/// The candidates, sorted, each path once, without paths that a `whole` one covers.
[[nodiscard]] Candidates without_repetition(Candidates candidates);

/// The candidates within `below`; `below` itself as a `whole` one when a path above it is a `whole` one.
[[nodiscard]] Candidates restricted_to(std::string_view below, Candidates candidates);

/// The origin of a subvolume.
struct SubvolumeOrigin {
    storage::Uuid uuid{};
    storage::Uuid parent{};          ///< the subvolume that it is a snapshot of; all zero: not a snapshot
    std::uint64_t snapshotted_at{};  ///< the transaction of the snapshot
};

/// The sides are the same subvolume, so they cannot differ.
inline constexpr std::uint64_t never = ~std::uint64_t{0};

/// The latest transaction up to which both subvolumes have the same history: every difference between them
/// was made in this transaction or later. nullopt when they have no known common ancestor; `never` for the
/// same subvolume.
///
/// Each subvolume is its parent as it was at `snapshotted_at`, plus what was changed since. So it is its n-th
/// ancestor as that was in the earliest of the n transactions between them, plus later changes. When both
/// lines of ancestors reach the same subvolume, each side is that one at some transaction plus later changes
/// (its own, and those of the ancestors between), and the result is the earlier of the two transactions. An
/// ancestor may be deleted: it is enough that two snapshots name it; but a deleted one hides its own parent.
[[nodiscard]] std::optional<std::uint64_t> common_transaction(std::span<const SubvolumeOrigin> known,
                                                              const storage::Uuid& left,
                                                              const storage::Uuid& right);

/// The origins of all subvolumes of the btrfs that holds `on_btrfs`. Errors: errno values.
[[nodiscard]] std::expected<std::vector<SubvolumeOrigin>, int> subvolume_origins(int on_btrfs);

}  // namespace mox::snapshots
