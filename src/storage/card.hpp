#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// What is found on the card before anything is done to it.
enum class CardState {
    healthy,   ///< btrfs with our layout (`@` at its top level) in partition 1, mounts
    not_ours,  ///< empty, another file system, no partition table, or a btrfs without `@`
    damaged,   ///< a btrfs that does not mount
};

struct CardReport {
    CardState state = CardState::not_ours;
    std::filesystem::path btrfs_node{};  ///< the volume with our btrfs when `healthy`
    Bytes free{};                        ///< what can still be written to it when `healthy`
    std::string reason{};                ///< for people: why it is not healthy
    std::string warning{};               ///< for people: it is healthy, but had trouble before; else empty
};

/// The smallest card that a system fits on, with room to update it.
inline constexpr Bytes smallest_card{256ULL << 20};

/// Looks at the card without writing to it (write protected, read-only mount, no log replay).
///
/// Only partition 1 counts: the boot loader loads the system from there, and so a btrfs on the whole card
/// without a partition table, or in another partition, is `not_ours` (such a system never booted).
/// Errors (`card`): the card itself cannot be read, is write protected, or is in use.
[[nodiscard]] Expected<CardReport> examine_card(const Drive& card);

/// Whether the card can be formatted at all, with nothing changed yet. Errors (`card`): pulled out, smaller
/// than `smallest_card`, in use, write protected.
[[nodiscard]] Expected<void> require_formattable(const Drive& card);

/// How long formatting may take: as long as it gets on.
struct FormatLimits {
    /// Nothing was written or discarded and no processor time used for so long: it hangs. A discard of one
    /// erase group takes seconds on the slowest cards.
    std::chrono::milliseconds longest_stall = std::chrono::minutes(5);
};

/// Makes a new, empty card: one primary DOS partition over all of it (type 0x83, start at 1 MiB) with a new
/// random disk id (PARTUUID), and btrfs in it (mkfs.btrfs, which discards first; a second
/// time without that if it fails). Everything on the card is lost. Returns the partition's node. Errors
/// (`card`): as require_formattable, and worn out.
[[nodiscard]] Expected<std::filesystem::path> partition_and_format(const Drive& card,
                                                                   const FormatLimits& limits = {});

/// What a new file system on `card` will be able to hold.
[[nodiscard]] Bytes capacity_after_format(const Drive& card);

}  // namespace mox::storage
