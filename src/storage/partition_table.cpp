#include "storage/partition_table.hpp"

#include <libfdisk/libfdisk.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

namespace mox::storage {

namespace {

struct ReleaseFdisk {
    void operator()(fdisk_context* context) const { fdisk_unref_context(context); }
    void operator()(fdisk_partition* partition) const { fdisk_unref_partition(partition); }
};
template <typename T>
using Fdisk = std::unique_ptr<T, ReleaseFdisk>;

/// libfdisk returns negated error numbers.
Expected<void> checked(int result, const std::string& what, ErrorKind kind) {
    if (result >= 0) return {};
    return fail_errno(kind, what, -result);
}

/// The id becomes the partition's PARTUUID, by which the system finds its root. The kernel takes 0 for
/// "none", and libfdisk's own random id may be 0.
Expected<void> set_disk_id(fdisk_context* context, ErrorKind kind) {
    std::random_device random;
    std::uint32_t id = random();
    while (id == 0) id = random();
    return checked(fdisk_set_disklabel_id_from_string(context, std::to_string(id).c_str()), "disk id", kind);
}

Expected<void> add_partition(fdisk_context* context, PartitionType type, ErrorKind kind) {
    const Fdisk<fdisk_partition> partition(fdisk_new_partition());
    fdisk_parttype* const fdisk_type =
        fdisk_label_get_parttype_from_code(fdisk_get_label(context, nullptr), static_cast<unsigned>(type));
    if (!partition || fdisk_type == nullptr) return fail_errno(ErrorKind::internal, "libfdisk", ENOMEM);
    fdisk_partition_set_partno(partition.get(), 0);
    fdisk_partition_set_start(partition.get(), first_partition_start.count / fdisk_get_sector_size(context));
    fdisk_partition_end_follow_default(partition.get(), 1);
    fdisk_partition_set_type(partition.get(), fdisk_type);
    return checked(fdisk_add_partition(context, partition.get(), nullptr), "new partition", kind);
}

}  // namespace

Expected<Partition> write_partition_table(int disk, const std::filesystem::path& node, PartitionType type,
                                          ErrorKind kind) {
    const Fdisk<fdisk_context> context(fdisk_new_context());
    if (!context) return fail_errno(ErrorKind::internal, "libfdisk", ENOMEM);
    fdisk_disable_dialogs(context.get(), 1);
    TRY(checked(fdisk_assign_device_by_fd(context.get(), disk, node.c_str(), 0), node.native(), kind));
    // Erase signatures of older tables and file systems: libblkid and boot loaders would still find them.
    fdisk_enable_wipe(context.get(), 1);
    TRY(checked(fdisk_create_disklabel(context.get(), "dos"), node.native(), kind));
    TRY(set_disk_id(context.get(), kind), node.native());
    TRY(add_partition(context.get(), type, kind), node.native());

    fdisk_partition* raw = nullptr;
    TRY(checked(fdisk_get_partition(context.get(), 0, &raw), node.native(), kind));
    const Fdisk<fdisk_partition> written(raw);
    const auto sector = fdisk_get_sector_size(context.get());
    const Partition partition{.number = 1,
                              .start = Bytes{fdisk_partition_get_start(raw) * sector},
                              .size = Bytes{fdisk_partition_get_size(raw) * sector}};
    fdisk_wipe_partition(context.get(), 0, 1);
    TRY(checked(fdisk_write_disklabel(context.get()), node.native(), kind));
    if (::fsync(disk) != 0) return fail_errno(kind, node.native());
    return partition;
}

}  // namespace mox::storage
