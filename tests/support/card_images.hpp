#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/units.hpp"

namespace mox::test_support {

// Cards as a router may have them, as image files (sparse, not attached). Everything throws on failure and
// needs root.

/// What the old system on a card says about itself in etc/turris-version.
inline constexpr std::string_view old_version = "8.0.0";
/// A file of the user in the old system, below `@`: it must be there before, and not after a re-flash.
inline constexpr std::string_view users_file = "srv/photos/holiday.jpg";

/// One partition with btrfs in the Turris layout: `@` (version, boot files, the user's data, three old logs
/// in var/log/mox-rescue), read-only `@factory`, `@1` and `@2` with `.info`, symlink boot.scr.
void make_card_with_old_system(const std::filesystem::path& image, Bytes size);

/// Nothing on it, not even a partition table.
void make_empty_card(const std::filesystem::path& image, Bytes size);

/// The old system on a btrfs over the whole card, without a partition table.
void make_card_without_table(const std::filesystem::path& image, Bytes size);

enum class Damage {
    super_blocks,  ///< all copies of the super block: no btrfs to be seen any more
    trees,         ///< all nodes of the root tree: recognised, but does not mount
    log_tree,      ///< the log that a power cut has left: mounts only with rescue=nologreplay
};
/// A card with the old system whose btrfs was hit.
void make_damaged_card(const std::filesystem::path& image, Bytes size, Damage damage);

/// Overwrites every node of one tree that a mount left on the disk (nodes of btrfs carry the number of their
/// tree): 1 is the tree of tree roots, that of a subvolume has the number of the subvolume. Not while it is
/// mounted.
void destroy_nodes_of(const std::filesystem::path& node, std::uint64_t owner);

/// Writes into the device's counters of a card's btrfs that it has met seven corrupt blocks: an error of long
/// ago. Not while it is mounted.
void count_errors_on_card(const std::filesystem::path& image);

/// A card with the old system that is filled to the last block.
void make_full_card(const std::filesystem::path& image, Bytes size);

/// A GPT with two partitions, the second one with ext4.
void make_gpt_card(const std::filesystem::path& image, Bytes size);

/// One partition with ext4 and a file in it.
void make_ext4_card(const std::filesystem::path& image, Bytes size);

}  // namespace mox::test_support
