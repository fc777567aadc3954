#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::storage {

/// What a mounted btrfs says about itself.
struct BtrfsHealth {
    std::uint64_t devices = 0;      ///< number of block devices that it is spread over
    std::uint64_t corruptions = 0;  ///< wrong checksums and generations that were ever seen on it
    std::uint64_t io_errors = 0;    ///< failed reads, writes and flushes that it remembers
};

/// `root` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<BtrfsHealth> btrfs_health(int root);

/// What can still be written to a mounted btrfs, told with caution: room for the metadata of a whole new
/// system is set aside. `root` is an open directory of it. Errors: `card`.
[[nodiscard]] Expected<Bytes> btrfs_free_space(int root);

/// Room of a mounted btrfs, by purpose. btrfs gives pieces of the device to data or to metadata, and what was
/// given to one cannot be used by the other: either can be full while the other is not.
struct BtrfsRoom {
    Bytes data;          ///< free in what was given to data
    Bytes metadata;      ///< free in what was given to metadata, without the kernel's own reserve
    Bytes unallocated;   ///< given to neither yet
    Bytes used;          ///< data and metadata together
    bool mixed = false;  ///< a small file system: one kind of room for both (data and metadata say the same)
    Bytes exchange;      ///< metadata that the kernel wants to be free before it exchanges two subvolumes

    /// What metadata can still get, with its two copies.
    [[nodiscard]] Bytes for_metadata() const;
};

/// `root` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<BtrfsRoom> btrfs_room(int root);

/// The room for data on a new btrfs (mkfs.btrfs, one device) of this size, told with the same caution.
[[nodiscard]] Bytes new_btrfs_capacity(Bytes device_size);

/// How many deleted subvolumes of a mounted btrfs still hold space: the kernel frees it after the deletion,
/// in the background. `directory` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<std::size_t> subvolumes_being_freed(int directory);

/// Called about every ten seconds of waiting, with the number of subvolumes that still hold space.
using FreeingProgress = std::function<void(std::size_t left)>;

/// Waits until the space of every deleted subvolume can be used again. There is no limit as long as the
/// kernel gets on; a minute without any progress (somebody holds a file open, or the card hangs) ends the
/// waiting, which is no error. `directory` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<void> wait_for_freed_space(int directory, const FreeingProgress& progress = {});

/// Moves what one of the emptier data block groups of a mounted btrfs holds into the others, so that its
/// place on the device can be given to metadata: a balance of data, one block group at most. Takes as long as
/// copying it (1 GiB at most). A power cut does no harm: the kernel goes on at the next mount. False: none
/// can be moved (no room in the others, or none for the move itself; data and metadata are mixed; a balance
/// of the user's is paused or runs for minutes). `directory` is an open directory of the file system. Errors:
/// `card`.
[[nodiscard]] Expected<bool> move_data_together(int directory);

}  // namespace mox::storage
