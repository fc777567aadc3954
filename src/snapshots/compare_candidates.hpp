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

/// "etc", "config" -> "etc/config"; with an empty directory, or the name ".", the other one.
[[nodiscard]] std::string joined(std::string_view directory, std::string_view name);

/// The same candidates, sorted, each path once, without what a `whole` one covers already.
[[nodiscard]] Candidates without_repetition(Candidates candidates);

/// What of the candidates lies within `below`: `below` itself, whole, when something above it is to be
/// compared as a whole.
[[nodiscard]] Candidates restricted_to(std::string_view below, Candidates candidates);

/// Where a subvolume comes from.
struct SubvolumeOrigin {
    storage::Uuid uuid{};
    storage::Uuid parent{};          ///< of the subvolume that it is a snapshot of; all zero: of none
    std::uint64_t snapshotted_at{};  ///< the transaction in which it became one
};

/// Both sides are the same subvolume: nothing can differ.
inline constexpr std::uint64_t never = ~std::uint64_t{0};

/// The latest transaction up to whose snapshots both subvolumes had one and the same content: whatever
/// differs between them was changed in this transaction or later. None when they have no common ancestor that
/// is known; `never` for one and the same subvolume.
///
/// Each subvolume is its parent as it was at `snapshotted_at`, plus what was changed since. So along its
/// ancestors, it is the n-th one as that was in the earliest of the n transactions on the way. When both
/// lines meet in a subvolume, each side is that one at some transaction plus later changes (of its own, and
/// of the ancestors between), and the earlier of the two transactions is the answer. An ancestor need not
/// exist any more: that two snapshots name it is enough; but a deleted one hides its own parent.
[[nodiscard]] std::optional<std::uint64_t> common_transaction(std::span<const SubvolumeOrigin> known,
                                                              const storage::Uuid& left,
                                                              const storage::Uuid& right);

/// The origins of all subvolumes of the btrfs that `on_btrfs` is on. Errors as `errno` has them.
[[nodiscard]] std::expected<std::vector<SubvolumeOrigin>, int> subvolume_origins(int on_btrfs);

}  // namespace mox::snapshots
