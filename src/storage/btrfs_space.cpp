#include "storage/btrfs_space.hpp"

#include <btrfsutil.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "base/units.hpp"
#include "storage/subvolume.hpp"

namespace mox::storage {

namespace {

using namespace unit_literals;

constexpr auto kind = ErrorKind::card;
constexpr const char* subject = "the card's btrfs";

/// Metadata of a system with 10,000 files, with small files stored in the metadata: 25 MB (measured). Twice
/// that, because btrfs copies trees before it changes them.
constexpr Bytes metadata_needed = 64_MiB;
/// Metadata is kept twice (DUP) on a single device.
constexpr std::uint64_t metadata_copies = 2;

/// btrfs counts 17 changed items for the exchange of two subvolumes. For each item it requires 16 free tree
/// nodes (two for each of eight levels, BTRFS_MAX_LEVEL), and twice as many again for delayed references if
/// there is a free space tree. Measured with Linux 6.18: 13.6 MB with nodes of 16 KiB, 3.9 MB with 4 KiB.
constexpr std::uint64_t nodes_for_exchange = std::uint64_t{17} * 16 * 3;

Expected<btrfs_ioctl_fs_info_args> filesystem_info(int root) {
    btrfs_ioctl_fs_info_args info{};
    if (::ioctl(root, BTRFS_IOC_FS_INFO, &info) != 0) return fail_errno(kind, subject);
    return info;
}

Expected<std::vector<btrfs_ioctl_space_info>> space_infos(int root) {
    btrfs_ioctl_space_args request{};
    if (::ioctl(root, BTRFS_IOC_SPACE_INFO, &request) != 0) return fail_errno(kind, subject);
    const std::size_t slots = request.total_spaces;
    std::vector<btrfs_ioctl_space_info> infos(slots);

    // The results follow the request in memory: a C struct with an array of variable length at its end.
    std::vector<std::uint64_t> memory(
        (sizeof request + slots * sizeof(btrfs_ioctl_space_info)) / sizeof(std::uint64_t) + 1);
    request.space_slots = slots;
    std::memcpy(memory.data(), &request, sizeof request);
    if (::ioctl(root, BTRFS_IOC_SPACE_INFO, memory.data()) != 0) return fail_errno(kind, subject);
    std::memcpy(&request, memory.data(), sizeof request);
    infos.resize(std::min<std::size_t>(slots, request.total_spaces));
    const auto tail = std::as_bytes(std::span(memory)).subspan(sizeof request);
    std::memcpy(infos.data(), tail.data(), infos.size() * sizeof(btrfs_ioctl_space_info));
    return infos;
}

/// Space of all devices that is not yet allocated to data or metadata.
Expected<Bytes> unallocated(int root) {
    auto info = TRY(filesystem_info(root));
    Bytes sum;
    for (std::uint64_t id = 1; id <= info.max_id; ++id) {
        btrfs_ioctl_dev_info_args device{};
        device.devid = id;
        // Ids may have gaps (ENODEV) if a device was removed.
        if (::ioctl(root, BTRFS_IOC_DEV_INFO, &device) != 0) {
            if (errno == ENODEV) continue;
            return fail_errno(kind, subject);
        }
        sum += Bytes{device.total_bytes} - Bytes{device.bytes_used};
    }
    return sum;
}

/// Free space in what is already allocated to data and to metadata.
struct AllocatedSpace {
    Bytes data;
    Bytes metadata;
    Bytes reserved;      ///< the part of `metadata` that the kernel reserves for itself
    Bytes used;          ///< of both
    bool mixed = false;  ///< small file systems: data and metadata share block groups
};

AllocatedSpace allocated_space(std::span<const btrfs_ioctl_space_info> infos) {
    AllocatedSpace space;
    for (const auto& info : infos) {
        const Bytes left = Bytes{info.total_bytes} - Bytes{info.used_bytes};
        const bool data = (info.flags & BTRFS_BLOCK_GROUP_DATA) != 0;
        const bool metadata = (info.flags & BTRFS_BLOCK_GROUP_METADATA) != 0;
        if ((info.flags & BTRFS_SPACE_INFO_GLOBAL_RSV) != 0)
            space.reserved += Bytes{info.total_bytes};
        else if (data)
            space.data += left;
        else if (metadata)
            space.metadata += left;
        space.mixed = space.mixed || (data && metadata);
        if ((info.flags & BTRFS_SPACE_INFO_GLOBAL_RSV) == 0) space.used += Bytes{info.used_bytes};
    }
    return space;
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
    auto unallocated_bytes = TRY(unallocated(root));
    auto by_kernel = TRY(available_by_statvfs(root));

    const auto space = allocated_space(infos);
    if (space.mixed) return std::min(space.data + unallocated_bytes, by_kernel) - metadata_needed;
    const Bytes metadata_missing = metadata_needed - (space.metadata - space.reserved);
    return std::min(space.data + (unallocated_bytes - metadata_missing * metadata_copies), by_kernel);
}

Bytes BtrfsSpace::for_metadata() const {
    return metadata + (mixed ? unallocated : Bytes{unallocated.count / metadata_copies});
}

Expected<BtrfsSpace> btrfs_space(int root) {
    auto info = TRY(filesystem_info(root));
    auto infos = TRY(space_infos(root));
    auto unallocated_bytes = TRY(unallocated(root));
    const auto space = allocated_space(infos);
    const Bytes metadata = (space.mixed ? space.data : space.metadata) - space.reserved;
    return BtrfsSpace{.data = space.mixed ? metadata : space.data,
                      .metadata = metadata,
                      .unallocated = unallocated_bytes,
                      .used = space.used,
                      .mixed = space.mixed,
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

namespace {

using namespace std::chrono_literals;

constexpr auto poll_interval = 50ms;
constexpr auto wake_interval = 2s;
constexpr auto report_interval = 10s;
constexpr auto stall_timeout = 60s;

struct FreeIds {
    // Allocated by libbtrfsutil. NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    void operator()(std::uint64_t* ids) const { std::free(ids); }
};

/// Commits, and wakes the kernel thread that frees deleted subvolumes; otherwise it runs every 30 s.
Expected<void> wake_cleaner(int directory) {
    if (::ioctl(directory, BTRFS_IOC_SYNC, nullptr) != 0)
        return fail_errno(ErrorKind::card, "the card's btrfs cannot be written");
    return {};
}

/// A changed value means that the cleaner makes progress.
struct State {
    std::size_t left = 0;
    Bytes used{};
    bool operator==(const State&) const = default;
};

Expected<State> state_of(int directory) {
    auto left = TRY(subvolumes_being_freed(directory));
    auto space = TRY(btrfs_space(directory));
    return State{.left = left, .used = space.used};
}

}  // namespace

Expected<std::size_t> subvolumes_being_freed(int directory) {
    std::uint64_t* raw = nullptr;
    std::size_t count = 0;
    errno = 0;
    if (btrfs_util_deleted_subvolumes_fd(directory, &raw, &count) != BTRFS_UTIL_OK)
        return fail_errno(ErrorKind::card, "the list of deleted subvolumes");
    const std::unique_ptr<std::uint64_t, FreeIds> owned(raw);
    return count;
}

Expected<void> wait_for_freed_space(int directory, const FreeingProgress& progress) {
    State last;
    auto last_progress = Clock::now();
    auto last_report = last_progress;
    auto next_wake = last_progress;
    for (;;) {
        if (Clock::now() >= next_wake) {
            TRY(wake_cleaner(directory));
            next_wake = Clock::now() + wake_interval;
        }
        auto state = TRY(state_of(directory));
        const auto now = Clock::now();
        if (state != last) last_progress = now;
        // Freed space stays pinned until the next commit.
        if (state.left == 0 || now - last_progress > stall_timeout) return sync_filesystem(directory);
        last = state;
        if (progress && now - last_report > report_interval) {
            progress(state.left);
            last_report = now;
        }
        std::this_thread::sleep_for(poll_interval);
    }
}

namespace {

/// Maximum usage, in percent, of the block group to move: rising limits find the emptiest group first. A
/// group above the last limit frees too little for the copying that it needs.
constexpr std::array usage_limits{5U, 25U, 50U, 75U, 90U};

/// For a block group of 1 GiB on a slow card.
constexpr auto balance_timeout = 5min;

/// A balance that a power cut interrupted continues at the next mount; it may be our own. False: it does not
/// end in time.
bool wait_for_running_balance(int directory) {
    for (const auto end = Clock::now() + balance_timeout; Clock::now() < end;) {
        btrfs_ioctl_balance_args balance{};
        if (::ioctl(directory, BTRFS_IOC_BALANCE_PROGRESS, &balance) != 0) return errno == ENOTCONN;
        // The user paused it.
        if ((balance.state & BTRFS_BALANCE_STATE_RUNNING) == 0) return false;
        std::this_thread::sleep_for(poll_interval);
    }
    return false;
}

/// The balance failed for a reason that is not an error here: only a balance itself finds out whether there
/// is enough free space for it.
bool is_refusal(int reason) {
    return reason == ENOSPC || reason == EDQUOT || reason == EINPROGRESS || reason == EBUSY ||
           reason == ECANCELED;
}

/// How many block groups were moved: 0 or 1.
Expected<std::uint64_t> balance_one_group(int directory, std::uint64_t percent) {
    btrfs_ioctl_balance_args balance{};
    balance.flags = BTRFS_BALANCE_DATA;
    balance.data.flags = BTRFS_BALANCE_ARGS_USAGE | BTRFS_BALANCE_ARGS_LIMIT;
    balance.data.usage = percent;
    balance.data.limit = 1;
    if (::ioctl(directory, BTRFS_IOC_BALANCE_V2, &balance) == 0) return balance.stat.completed;
    if (is_refusal(errno)) return 0;
    return fail_errno(ErrorKind::card, "balance of the data block groups");
}

}  // namespace

Expected<bool> balance_data(int directory) {
    auto before = TRY(btrfs_space(directory));
    if (before.mixed || !wait_for_running_balance(directory)) return false;
    for (const auto percent : usage_limits) {
        auto moved = TRY(balance_one_group(directory, percent));
        if (moved == 0) continue;
        auto after = TRY(btrfs_space(directory));
        // The moved data may have gone into a new block group.
        if (after.unallocated > before.unallocated) return true;
    }
    return false;
}

}  // namespace mox::storage
