#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "storage/block_device.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/card.hpp"
#include "storage/partition_table.hpp"
#include "storage/partitions.hpp"
#include "storage/write_protection.hpp"

namespace mox::storage {

namespace {

constexpr auto kind = ErrorKind::card;

enum class Discard { yes, no };

/// mkfs.btrfs's defaults suit the boot loader. Those that it depends on are given explicitly, because newer
/// versions of mkfs.btrfs change them. What U-Boot's btrfs driver needs (fs/btrfs of 2018.11, which routers
/// in the field still have, and of 2020.10 and later): CRC32C checksums, nodes of 16 KiB, one device, no RAID
/// but DUP. `no-holes` and `skinny-metadata` are fine: the first matters only for sparse files, and the
/// system writes none into /boot; the second matters only for the extent tree, which U-Boot does not read.
/// The free space tree is read-only compatible. `block-group-tree` and `raid1c34` are not enabled.
std::vector<std::string> mkfs_command(const std::filesystem::path& partition, Discard discard) {
    std::vector<std::string> argv{"mkfs.btrfs", "--force", "--quiet", "--checksum", "crc32c", "--nodesize",
                                  "16384",      "--data",  "single",  "--metadata", "dup"};
    if (discard == Discard::no) argv.emplace_back("--nodiscard");
    argv.push_back(partition.native());
    return argv;
}

/// The words of a one-line file at these positions (from 0), without missing ones.
std::string fields_of(const std::filesystem::path& file, std::initializer_list<std::size_t> positions) {
    const auto text = read_small_file(file, kind);
    if (!text) return {};
    std::istringstream stream(*text);
    const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    std::string chosen;
    for (const auto position : positions)
        if (position < words.size()) chosen += words[position] + " ";
    return chosen;
}

/// The completed requests of the device and the processor time of the child: the text changes as long as
/// formatting makes progress. Counters: Documentation/block/stat.rst (reads, writes, sectors written,
/// discards, sectors discarded, flushes) and proc(5) (utime, stime; the program's name has no blanks).
std::string progress_of(const std::filesystem::path& device, pid_t child) {
    return fields_of(device / "stat", {0, 4, 6, 11, 13, 15}) +
           fields_of("/proc/" + std::to_string(child) + "/stat", {13, 14});
}

/// mkfs.btrfs discards the whole card first. That takes long on an old card of 256 GB, and does not end on a
/// card with a bad discard implementation: then format without it.
Expected<void> make_btrfs(const std::filesystem::path& partition, int disk, const FormatLimits& limits) {
    // The counters of the disk: those of the partition do not count requests to the whole disk.
    auto number = TRY(block_device_number(disk, partition, kind));
    const auto device = sysfs_directory(number);
    const auto progress = [&](pid_t child) { return progress_of(device, child); };
    const auto make = [&](Discard discard) {
        return run_child_while_it_gets_on(mkfs_command(partition, discard), limits.longest_stall, progress,
                                          kind);
    };
    if (make(Discard::yes)) return {};
    return make(Discard::no);
}

Expected<void> check_usable(const Drive& card) {
    if (card.size < smallest_card)
        return fail(
            kind,
            "too small: it holds " + to_text(card.size) + ", and a system needs " + to_text(smallest_card),
            {"use a larger card"});
    auto locked = TRY(is_read_only_by_itself(card.node, kind));
    if (locked) return fail(kind, "it is write protected", {"look for a switch, or use another card"});
    // Exclusive only for this check: mkfs.btrfs and the mount have to claim the device themselves. For
    // reading only: when a descriptor for writing is closed, udev reads the partition table anew.
    TRY(open_block_device(card.node, O_RDONLY | O_EXCL, kind));
    return {};
}

Expected<UniqueFd> open_for_formatting(const Drive& card) {
    TRY(check_usable(card));
    auto disk = open_block_device(card.node, O_RDWR, kind);
    if (!disk) return disk;
    // If udev runs, it must not read the partition table while it changes (systemd's "Locking Block Device
    // Access"). The lock ends with the descriptor.
    if (::flock(disk->get(), LOCK_EX) != 0) return fail_errno(kind, card.node.native());
    return disk;
}

Expected<std::filesystem::path> format(const Drive& card, int disk, const FormatLimits& limits) {
    TRY(register_partitions(disk, card.node, {}, kind));
    auto partition = TRY(write_partition_table(disk, card.node, PartitionType::linux_native, kind));
    const std::array wanted{partition};
    auto refused = TRY(register_partitions(disk, card.node, wanted, kind));
    if (!refused.empty())
        return fail(kind, "the kernel refuses the new partition: " + refused.front().message);
    auto node = partition_node(disk, card.node, 1, kind);
    if (!node) return node;
    TRY(make_btrfs(*node, disk, limits));
    return node;
}

}  // namespace

Expected<void> require_usable(const Drive& card) {
    TRY(check_usable(card), card.describe());
    return {};
}

Expected<void> require_formattable(const Drive& card) {
    auto disk = TRY(open_for_formatting(card), card.describe());
    return {};
}

Expected<std::filesystem::path> partition_and_format(const Drive& card, const FormatLimits& limits) {
    auto disk = TRY(open_for_formatting(card), card.describe());
    auto node = format(card, disk.get(), limits);
    if (!node)
        return fail(
            kind, card.describe() + " cannot be partitioned and formatted: " + node.error().headline(),
            {node.error().hint().empty() ? "it may be worn out, try another card" : node.error().hint()});
    return node;
}

Bytes capacity_after_format(const Drive& card) {
    return new_btrfs_capacity(card.size - first_partition_start);
}

}  // namespace mox::storage
