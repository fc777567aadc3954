#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/units.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// What is found on the card before anything is done to it.
enum class CardState {
    healthy,   ///< btrfs with our layout (`@` at its top level), mounts
    not_ours,  ///< empty, another file system, no partition table, or a btrfs without `@`
    damaged,   ///< a btrfs that does not mount
};

struct CardReport {
    CardState state = CardState::not_ours;
    std::filesystem::path btrfs_node;  ///< the volume with our btrfs when `healthy`
    Bytes free;                        ///< what can still be written to it when `healthy`
    std::string reason;                ///< for people: why it is not healthy
};

/// Looks at the card without writing to it (read-only mount, no log replay).
/// Errors (`card`): the card itself cannot be read.
[[nodiscard]] Expected<CardReport> examine_card(const Drive& card);

/// Makes a new, empty card: one primary DOS partition over all of it (type 0x83, start at 1 MiB) and
/// btrfs in it (mkfs.btrfs). Everything on the card is lost. Returns the partition's node.
/// Errors: `card`, also when the card is smaller than btrfs needs.
[[nodiscard]] Expected<std::filesystem::path> partition_and_format(const Drive& card);

/// What a new file system on `card` will be able to hold.
[[nodiscard]] Bytes capacity_after_format(const Drive& card);

}  // namespace mox::storage
