#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// The content of the card before any change.
enum class CardState {
    healthy,   ///< partition 1 holds a btrfs with our layout (`@` at its top level), and it mounts
    not_ours,  ///< empty, another file system, no partition table, or a btrfs without `@`
    damaged,   ///< a btrfs that does not mount
};

struct CardReport {
    CardState state = CardState::not_ours;
    std::filesystem::path btrfs_node{};  ///< the volume with our btrfs when `healthy`
    Bytes free{};                        ///< free space for data when `healthy`
    std::string reason{};                ///< message: why it is not healthy
    std::string warning{};               ///< it is healthy, but had errors before; empty: it had none
};

/// The smallest card that holds a system and the space to update it.
inline constexpr Bytes smallest_card{256ULL << 20};

/// Examines the card without writing to it (write protected, read-only mount, no log replay).
///
/// Only partition 1 counts: the boot loader loads the system from there, and so a btrfs on the whole card
/// without a partition table, or in another partition, is `not_ours` (such a system never booted).
/// Errors (`card`): the card itself cannot be read, is write protected, or is in use.
[[nodiscard]] Expected<CardReport> examine_card(const Drive& card);

/// Checks that a system can be put on the card, whether it is formatted for that or not; opens it for reading
/// only. Errors (`card`): pulled out, smaller than `smallest_card`, write protected, in use (the message says
/// by what).
[[nodiscard]] Expected<void> require_usable(const Drive& card);

/// Checks that the card can be formatted; changes nothing. Errors (`card`): as require_usable, or it cannot
/// be opened for writing.
[[nodiscard]] Expected<void> require_formattable(const Drive& card);

/// Time limit of formatting: none, as long as it makes progress.
struct FormatLimits {
    /// Formatting hangs when it writes and discards nothing and uses no processor time for this long. A
    /// discard of one erase group takes seconds on the slowest cards.
    std::chrono::milliseconds longest_stall = std::chrono::minutes(5);
};

/// Makes a new, empty card: one primary DOS partition over all of it (type 0x83, start at 1 MiB) with a new
/// random disk id (PARTUUID), and btrfs in it (mkfs.btrfs, which discards first; if that fails, once more
/// without the discard). Everything on the card is lost. Returns the partition's node. Errors (`card`): as
/// require_formattable, and I/O errors (worn out).
[[nodiscard]] Expected<std::filesystem::path> partition_and_format(const Drive& card,
                                                                   const FormatLimits& limits = {});

/// Space for data on a new file system on `card`.
[[nodiscard]] Bytes capacity_after_format(const Drive& card);

}  // namespace mox::storage
