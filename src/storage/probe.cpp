#include "storage/probe.hpp"

#include <blkid/blkid.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace mox::storage {

namespace {

constexpr std::uint64_t blkid_sector = 512;  // libblkid's unit, for every sector size of the disk

struct FreeProbe {
    void operator()(blkid_probe probe) const { blkid_free_probe(probe); }
};
using Probe = std::unique_ptr<blkid_struct_probe, FreeProbe>;

Expected<Probe> new_probe(int fd, const std::filesystem::path& node, ErrorKind kind) {
    Probe probe(blkid_new_probe());
    if (!probe) return fail_errno(kind, node.native(), ENOMEM);
    errno = 0;
    if (blkid_probe_set_device(probe.get(), fd, 0, 0) != 0)
        return fail_errno(kind, node.native(), errno != 0 ? errno : EIO);
    return probe;
}

std::string value_of(blkid_probe probe, const char* name) {
    const char* value = nullptr;
    if (blkid_probe_lookup_value(probe, name, &value, nullptr) != 0) return {};
    return value;
}

/// Some drives have remains of an older file system beside the real one; then the safe probe returns no
/// decision. We only read, so take the first one that is found; the mount fails if it is wrong.
int probe_superblocks(blkid_probe probe) {
    constexpr int ambivalent = -2;
    const int result = blkid_do_safeprobe(probe);
    if (result != ambivalent) return result;
    blkid_reset_probe(probe);
    return blkid_do_probe(probe);
}

bool is_plain(blkid_partition partition) {
    // Tables inside a partition (BSD, Minix) are not read; logical partitions have no table of their own in
    // libblkid.
    const bool nested = blkid_parttable_get_parent(blkid_partition_get_table(partition)) != nullptr;
    return !nested && blkid_partition_is_extended(partition) == 0 && blkid_partition_get_size(partition) > 0;
}

}  // namespace

Expected<FileSystemSignature> probe_filesystem(int fd, const std::filesystem::path& node, ErrorKind kind) {
    auto probe = TRY(new_probe(fd, node, kind));
    blkid_probe_enable_superblocks(probe.get(), 1);
    blkid_probe_set_superblocks_flags(probe.get(),
                                      BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
    errno = 0;
    const int result = probe_superblocks(probe.get());
    if (result < 0) return fail_errno(kind, node.native(), errno != 0 ? errno : EIO);
    if (result > 0) return FileSystemSignature{};
    return FileSystemSignature{.filesystem = value_of(probe.get(), "TYPE"),
                               .uuid = value_of(probe.get(), "UUID"),
                               .label = value_of(probe.get(), "LABEL")};
}

Expected<std::optional<std::vector<Partition>>> probe_partition_table(int fd,
                                                                      const std::filesystem::path& node,
                                                                      ErrorKind kind) {
    auto probe = TRY(new_probe(fd, node, kind));
    blkid_probe_enable_superblocks(probe.get(), 0);
    blkid_probe_enable_partitions(probe.get(), 1);
    errno = 0;
    blkid_partlist list = blkid_probe_get_partitions(probe.get());
    if (list == nullptr) {
        // Without a table there is no list either; a read error sets the error number.
        if (errno == EIO || errno == ENOMEDIUM) return fail_errno(kind, node.native());
        return std::nullopt;
    }
    if (blkid_partlist_get_table(list) == nullptr) return std::nullopt;

    std::vector<Partition> partitions;
    for (int i = 0; i < blkid_partlist_numof_partitions(list); ++i) {
        blkid_partition partition = blkid_partlist_get_partition(list, i);
        if (!is_plain(partition)) continue;
        partitions.push_back(
            {.number = blkid_partition_get_partno(partition),
             .start = Bytes{static_cast<std::uint64_t>(blkid_partition_get_start(partition)) * blkid_sector},
             .size = Bytes{static_cast<std::uint64_t>(blkid_partition_get_size(partition)) * blkid_sector}});
    }
    return partitions;
}

}  // namespace mox::storage
