#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::storage {

/// Device count and error counters of a mounted btrfs.
struct BtrfsHealth {
    std::uint64_t devices = 0;      ///< number of its block devices
    std::uint64_t corruptions = 0;  ///< wrong checksums and generations since its counters were reset
    std::uint64_t io_errors = 0;    ///< failed reads, writes and flushes since then
};

/// `root` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<BtrfsHealth> btrfs_health(int root);

/// Free space for data on a mounted btrfs. A conservative value: space for the metadata of a whole new system
/// is subtracted. `root` is an open directory of it. Errors: `card`.
[[nodiscard]] Expected<Bytes> btrfs_free_space(int root);

/// Free space of a mounted btrfs, by purpose. btrfs allocates parts of the device to data or to metadata, and
/// neither can use the space of the other: one can be full while the other is not.
struct BtrfsSpace {
    Bytes data;          ///< free in what is allocated to data
    Bytes metadata;      ///< free in what is allocated to metadata, without the kernel's own reserve
    Bytes unallocated;   ///< allocated to neither
    Bytes used;          ///< data and metadata together
    bool mixed = false;  ///< a small file system: they share block groups (`data` and `metadata` are equal)
    Bytes exchange;      ///< free metadata that the kernel requires to exchange two subvolumes

    /// Free space for metadata, unallocated space included, divided by its two copies.
    [[nodiscard]] Bytes for_metadata() const;
};

/// `root` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<BtrfsSpace> btrfs_space(int root);

/// Space for data on a new btrfs (mkfs.btrfs, one device) of this size, as conservative as btrfs_free_space.
[[nodiscard]] Bytes new_btrfs_capacity(Bytes device_size);

/// Number of deleted subvolumes of a mounted btrfs that still occupy space: the kernel frees it in the
/// background after the deletion. `directory` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<std::size_t> subvolumes_being_freed(int directory);

/// Called about every ten seconds of waiting, with the number of subvolumes that still occupy space.
using FreeingProgress = std::function<void(std::size_t left)>;

/// Waits until the space of every deleted subvolume is free. There is no time limit as long as the kernel
/// makes progress. A minute without progress (a process holds a file open, or the card hangs) ends the wait;
/// that is not an error. `directory` is an open directory of the file system. Errors: `card`.
[[nodiscard]] Expected<void> wait_for_freed_space(int directory, const FreeingProgress& progress = {});

/// Moves the data of one of the emptier data block groups of a mounted btrfs into the other ones, so that its
/// space on the device can be allocated to metadata: a balance of one data block group at most. Takes as long
/// as copying it (1 GiB at most). A power cut does no harm: the kernel continues at the next mount. False: no
/// group can be moved (not enough free space in the others or for the balance itself; data and metadata are
/// mixed; a balance of the user is paused or runs for minutes). `directory` is an open directory of the file
/// system. Errors: `card`.
[[nodiscard]] Expected<bool> balance_data(int directory);

}  // namespace mox::storage
