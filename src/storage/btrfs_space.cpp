#include "storage/btrfs_space.hpp"

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace mox::storage {

namespace {

using namespace unit_literals;

constexpr auto kind = ErrorKind::card;
constexpr const char* subject = "the card's btrfs";

/// Metadata of a system with 10,000 files, small ones lying in the metadata themselves: 25 MB were measured.
/// Twice that, because trees are copied before they are changed.
constexpr Bytes metadata_needed = 64_MiB;
/// Metadata is kept twice (DUP) on a single device.
constexpr std::uint64_t metadata_copies = 2;

/// btrfs counts 17 changed items for the exchange of two subvolumes. For each it wants sixteen tree nodes to
/// be free (two for each of eight levels, BTRFS_MAX_LEVEL), and twice as many again for its delayed
/// references where there is a free space tree. Measured with Linux 6.18: 13.6 MB with nodes of 16 KiB, 3.9
/// MB with 4 KiB.
constexpr std::uint64_t nodes_for_exchange = std::uint64_t{17} * 16 * 3;

Expected<btrfs_ioctl_fs_info_args> filesystem_info(int root) {
    btrfs_ioctl_fs_info_args info{};
    if (::ioctl(root, BTRFS_IOC_FS_INFO, &info) != 0) return fail_errno(kind, subject);
    return info;
}

Expected<std::vector<btrfs_ioctl_space_info>> space_infos(int root) {
    btrfs_ioctl_space_args question{};
    if (::ioctl(root, BTRFS_IOC_SPACE_INFO, &question) != 0) return fail_errno(kind, subject);
    const std::size_t slots = question.total_spaces;
    std::vector<btrfs_ioctl_space_info> infos(slots);

    // The answer follows the question in memory: a C struct with a tail of variable length.
    std::vector<std::uint64_t> memory(
        (sizeof question + slots * sizeof(btrfs_ioctl_space_info)) / sizeof(std::uint64_t) + 1);
    question.space_slots = slots;
    std::memcpy(memory.data(), &question, sizeof question);
    if (::ioctl(root, BTRFS_IOC_SPACE_INFO, memory.data()) != 0) return fail_errno(kind, subject);
    std::memcpy(&question, memory.data(), sizeof question);
    infos.resize(std::min<std::size_t>(slots, question.total_spaces));
    const auto tail = std::as_bytes(std::span(memory)).subspan(sizeof question);
    std::memcpy(infos.data(), tail.data(), infos.size() * sizeof(btrfs_ioctl_space_info));
    return infos;
}

/// Of all devices: what is not yet given to data or metadata.
Expected<Bytes> unallocated(int root) {
    auto info = TRY(filesystem_info(root));
    Bytes sum;
    for (std::uint64_t id = 1; id <= info.max_id; ++id) {
        btrfs_ioctl_dev_info_args device{};
        device.devid = id;
        // Ids need not be consecutive (ENODEV): a device may have been removed once.
        if (::ioctl(root, BTRFS_IOC_DEV_INFO, &device) != 0) {
            if (errno == ENODEV) continue;
            return fail_errno(kind, subject);
        }
        sum += Bytes{device.total_bytes} - Bytes{device.bytes_used};
    }
    return sum;
}

/// Free room within what is already given to each purpose.
struct AllocatedRoom {
    Bytes data;
    Bytes metadata;
    Bytes reserved;      ///< of the metadata's room: what the kernel keeps for itself
    Bytes used;          ///< of both
    bool mixed = false;  ///< small file systems: one kind of room for both
};

AllocatedRoom allocated_room(std::span<const btrfs_ioctl_space_info> infos) {
    AllocatedRoom room;
    for (const auto& info : infos) {
        const Bytes left = Bytes{info.total_bytes} - Bytes{info.used_bytes};
        const bool data = (info.flags & BTRFS_BLOCK_GROUP_DATA) != 0;
        const bool metadata = (info.flags & BTRFS_BLOCK_GROUP_METADATA) != 0;
        if ((info.flags & BTRFS_SPACE_INFO_GLOBAL_RSV) != 0)
            room.reserved += Bytes{info.total_bytes};
        else if (data)
            room.data += left;
        else if (metadata)
            room.metadata += left;
        room.mixed = room.mixed || (data && metadata);
        if ((info.flags & BTRFS_SPACE_INFO_GLOBAL_RSV) == 0) room.used += Bytes{info.used_bytes};
    }
    return room;
}

Expected<Bytes> available_by_statvfs(int root) {
    struct statvfs status{};
    if (::fstatvfs(root, &status) != 0) return fail_errno(kind, subject);
    return Bytes{status.f_bavail} * status.f_frsize;
}

}  // namespace

Expected<BtrfsHealth> btrfs_health(int root) {
    auto info = TRY(filesystem_info(root));
    BtrfsHealth health{.devices = info.num_devices};
    btrfs_ioctl_get_dev_stats stats{};
    stats.devid = info.max_id;
    stats.nr_items = BTRFS_DEV_STAT_VALUES_MAX;
    if (::ioctl(root, BTRFS_IOC_GET_DEV_STATS, &stats) != 0) return fail_errno(kind, subject);
    const std::span<const __u64> values(stats.values);
    health.corruptions = values[BTRFS_DEV_STAT_CORRUPTION_ERRS] + values[BTRFS_DEV_STAT_GENERATION_ERRS];
    health.io_errors = values[BTRFS_DEV_STAT_WRITE_ERRS] + values[BTRFS_DEV_STAT_READ_ERRS] +
                       values[BTRFS_DEV_STAT_FLUSH_ERRS];
    return health;
}

Expected<Bytes> btrfs_free_space(int root) {
    auto infos = TRY(space_infos(root));
    auto untouched = TRY(unallocated(root));
    auto by_kernel = TRY(available_by_statvfs(root));

    const auto room = allocated_room(infos);
    if (room.mixed) return std::min(room.data + untouched, by_kernel) - metadata_needed;
    const Bytes metadata_missing = metadata_needed - (room.metadata - room.reserved);
    return std::min(room.data + (untouched - metadata_missing * metadata_copies), by_kernel);
}

Bytes BtrfsRoom::for_metadata() const {
    return metadata + (mixed ? unallocated : Bytes{unallocated.count / metadata_copies});
}

Expected<BtrfsRoom> btrfs_room(int root) {
    auto info = TRY(filesystem_info(root));
    auto infos = TRY(space_infos(root));
    auto untouched = TRY(unallocated(root));
    const auto room = allocated_room(infos);
    const Bytes metadata = (room.mixed ? room.data : room.metadata) - room.reserved;
    return BtrfsRoom{.data = room.mixed ? metadata : room.data,
                     .metadata = metadata,
                     .unallocated = untouched,
                     .used = room.used,
                     .mixed = room.mixed,
                     .exchange = Bytes{info.nodesize} * nodes_for_exchange};
}

Bytes new_btrfs_capacity(Bytes device_size) {
    // mkfs.btrfs: 4 MiB system, DUP 8 MiB; a metadata chunk is a tenth of the device, 256 MiB at most (1 GiB
    // above 50 GiB), also twice. The first 1 MiB and the super blocks' copies are left out.
    constexpr Bytes system = 32_MiB;
    constexpr Bytes large = 50_GiB;
    const Bytes tenth{device_size.count / 10};
    const Bytes metadata = std::max(std::min(tenth, device_size > large ? 1_GiB : 256_MiB), metadata_needed);
    return device_size - system - metadata * metadata_copies;
}

}  // namespace mox::storage
