#include <fcntl.h>

#include <algorithm>
#include <string>
#include <utility>

#include "storage/block_device.hpp"
#include "storage/drive.hpp"
#include "storage/partitions.hpp"
#include "storage/probe.hpp"

namespace mox::storage {

namespace {

void add_signature(Volume& volume, Expected<FileSystemSignature> signature) {
    if (!signature) {
        volume.error = signature.error().describe();
        return;
    }
    volume.filesystem = std::move(signature->filesystem);
    volume.uuid = std::move(signature->uuid);
    volume.label = std::move(signature->label);
}

/// A registered partition. An error of one partition does not prevent reading the others.
Volume probe_partition(const Drive& drive, int disk, const Partition& partition) {
    const auto kind = error_kind(drive.role);
    Volume volume{.drive = drive, .partition = partition.number, .size = partition.size};
    auto node = partition_node(disk, drive.node, partition.number, kind);
    if (!node) {
        volume.error = node.error().describe();
        return volume;
    }
    volume.node = *node;
    auto fd = open_block_device(volume.node, O_RDONLY, kind);
    if (!fd)
        volume.error = fd.error().describe();
    else
        add_signature(volume, probe_filesystem(fd->get(), volume.node, kind));
    return volume;
}

Volume whole(const Drive& drive) {
    return {.drive = drive, .node = drive.node, .size = drive.size};
}

std::vector<Volume> volumes_in(const Drive& drive, int disk, const std::vector<Partition>& partitions,
                               const std::vector<RefusedPartition>& refused) {
    std::vector<Volume> volumes;
    for (const auto& partition : partitions) {
        const auto bad = std::ranges::find(refused, partition.number, &RefusedPartition::number);
        if (bad == refused.end()) {
            volumes.push_back(probe_partition(drive, disk, partition));
            continue;
        }
        volumes.push_back({.drive = drive,
                           .partition = partition.number,
                           .size = partition.size,
                           .error = "the partition table is wrong here (" + bad->message + ")"});
    }
    return volumes;
}

Volume probe_whole(const Drive& drive, int disk) {
    auto volume = whole(drive);
    add_signature(volume, probe_filesystem(disk, drive.node, error_kind(drive.role)));
    return volume;
}

}  // namespace

Expected<std::vector<Volume>> volumes_of(const Drive& drive) {
    const auto kind = error_kind(drive.role);
    auto disk = TRY(open_block_device(drive.node, O_RDONLY, kind), drive.describe());
    auto table = TRY(probe_partition_table(disk.get(), drive.node, kind), drive.describe());

    const auto& partitions = table;
    auto refused =
        TRY(register_partitions(disk.get(), drive.node, partitions.value_or(std::vector<Partition>{}), kind),
            drive.describe());
    if (partitions && !partitions->empty()) return volumes_in(drive, disk.get(), *partitions, refused);

    // The boot sector of an exFAT over the whole drive looks like a partition table without entries.
    std::vector<Volume> volumes{probe_whole(drive, disk.get())};
    if (partitions && volumes.front().filesystem.empty())
        volumes.front().error = "its partition table is empty";
    return volumes;
}

}  // namespace mox::storage
