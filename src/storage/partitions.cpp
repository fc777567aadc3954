#include "storage/partitions.hpp"

#include <linux/blkpg.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

#include "base/file.hpp"
#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

constexpr std::uint64_t sysfs_sector =
    512;  // unit of `start` and `size` in sysfs, for every sector size of the disk

struct KnownPartition {
    Partition partition;
    std::filesystem::path directory;
};

Expected<std::uint64_t> number_in(const std::filesystem::path& file, ErrorKind kind) {
    auto text = TRY(read_small_file(file, kind));
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return fail(kind, file.native() + ": not a number");
    return value;
}

Expected<KnownPartition> read_partition(const std::filesystem::path& directory, ErrorKind kind) {
    auto number = TRY(number_in(directory / "partition", kind));
    auto start = TRY(number_in(directory / "start", kind));
    auto size = TRY(number_in(directory / "size", kind));
    return KnownPartition{{.number = static_cast<int>(number),
                           .start = Bytes{start * sysfs_sector},
                           .size = Bytes{size * sysfs_sector}},
                          directory};
}

Expected<std::vector<KnownPartition>> known_partitions(int disk, const std::filesystem::path& node,
                                                       ErrorKind kind) {
    auto device = TRY(block_device_number(disk, node, kind));
    std::error_code error;
    std::filesystem::directory_iterator entries(sysfs_directory(device), error);
    if (error) return fail(kind, node.native() + ": no entry in /sys: " + error.message());

    std::vector<KnownPartition> found;
    for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        if (is_partition(entries->path())) {
            auto partition = TRY(read_partition(entries->path(), kind));
            found.push_back(std::move(partition));
        }
        if (error) break;
    }
    if (error) return fail(kind, node.native() + ": cannot list its partitions: " + error.message());
    std::ranges::sort(found, {}, [](const auto& one) { return one.partition.number; });
    return found;
}

enum class Change { add, remove };

/// 0, or the error number.
int change_partition(int disk, Change change, const Partition& partition) {
    blkpg_partition entry{};
    entry.start = static_cast<long long>(partition.start.count);
    entry.length = static_cast<long long>(partition.size.count);
    entry.pno = partition.number;
    blkpg_ioctl_arg request{};
    request.op = change == Change::add ? BLKPG_ADD_PARTITION : BLKPG_DEL_PARTITION;
    request.datalen = sizeof entry;
    request.data = &entry;
    return ::ioctl(disk, BLKPG, &request) == 0 ? 0 : errno;
}

std::string name(const std::filesystem::path& node, const Partition& partition) {
    return node.native() + ": partition " + std::to_string(partition.number);
}

}  // namespace

Expected<std::vector<Partition>> kernel_partitions(int disk, const std::filesystem::path& node,
                                                   ErrorKind kind) {
    auto known = TRY(known_partitions(disk, node, kind));
    std::vector<Partition> partitions;
    partitions.reserve(known.size());
    for (const auto& one : known) partitions.push_back(one.partition);
    return partitions;
}

Expected<std::vector<RefusedPartition>> register_partitions(int disk, const std::filesystem::path& node,
                                                            std::span<const Partition> wanted,
                                                            ErrorKind kind) {
    auto known = TRY(kernel_partitions(disk, node, kind));

    for (const auto& old : known) {
        if (std::ranges::find(wanted, old) != wanted.end()) continue;
        const int failure = change_partition(disk, Change::remove, old);
        if (failure == EBUSY)
            return fail(kind, name(node, old) +
                                  " is in use, but is no longer in the partition table: unmount it first");
        // ENXIO: another program (udev) was faster.
        if (failure != 0 && failure != ENXIO) return fail_errno(kind, name(node, old), failure);
    }

    std::vector<RefusedPartition> refused;
    for (const auto& missing : wanted) {
        if (std::ranges::find(known, missing) != known.end()) continue;
        const int failure = change_partition(disk, Change::add, missing);
        if (failure == EACCES || failure == EPERM) return fail_errno(kind, name(node, missing), failure);
        if (failure == 0) continue;
        // EBUSY: it overlaps with an existing partition, or another program (udev) was faster: then it is
        // right.
        auto now = TRY(kernel_partitions(disk, node, kind));
        if (std::ranges::find(now, missing) != now.end()) continue;
        refused.push_back({missing.number, std::generic_category().message(failure)});
    }
    return refused;
}

Expected<std::filesystem::path> partition_node(int disk, const std::filesystem::path& node, int number,
                                               ErrorKind kind) {
    auto known = TRY(known_partitions(disk, node, kind));
    const auto found = std::ranges::find(known, number, [](const auto& one) { return one.partition.number; });
    if (found == known.end())
        return fail(kind, node.native() + " has no partition " + std::to_string(number));
    return node_of(found->directory, kind);
}

}  // namespace mox::storage
