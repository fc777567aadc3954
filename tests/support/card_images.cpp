#include "support/card_images.hpp"

#include <fcntl.h>
#include <libfdisk/libfdisk.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "base/crc32c.hpp"
#include "base/file.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;
using namespace unit_literals;

constexpr auto kind = ErrorKind::internal;

/// The tree of tree roots.
constexpr std::uint64_t root_tree = 1;

/// Data that does not compress, always the same.
std::string incompressible(std::size_t length) {
    std::mt19937 random(length);
    std::string bytes(length, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

void write_old_root(const fs::path& root) {
    write_file(root / "etc/turris-version", std::string(old_version) + "\n");
    write_file(root / "etc/config/network", "config interface 'lan'\n\toption ipaddr '192.168.99.1'\n");
    write_file(root / "boot/Image", incompressible(2 << 20));
    write_file(root / "boot/armada-3720-turris-mox.dtb", incompressible(20 << 10));
    write_file(root / "boot/boot.scr", "# old boot script\n");
    write_file(root / users_file, incompressible(3 << 20));
    write_file(root / "var/log/mox-rescue/0001-rollback.log", "[    0.000] the first log\n");
    write_file(root / "var/log/mox-rescue/0002-reflash.log", "[    0.000] the second log\n");
    write_file(root / "var/log/mox-rescue/0003-reflash.log", "[    0.000] the third log\n");
}

void write_info(const WritableMount& card, const std::string& number, const std::string& type,
                const std::string& description) {
    write_file(card / (number + ".info"), "TYPE=\"" + type + "\"\nDESCRIPTION=\"" + description +
                                              "\"\nCREATED=\"2026-10-01 12:00:00 +0000\"\n");
}

void write_old_system(const fs::path& node) {
    using storage::Access;
    const WritableMount card(node, "btrfs");
    must(storage::create_subvolume(card.root(), "@"));
    write_old_root(card / "@");
    must(storage::snapshot_subvolume(card.root(), "@", "@factory", Access::read_only));
    must(storage::snapshot_subvolume(card.root(), "@", "@1", Access::read_only));
    write_info(card, "1", "single", "Before the holidays");
    write_file(card / "@/etc/hostname", "cottage\n");
    must(storage::snapshot_subvolume(card.root(), "@", "@2", Access::writable));
    write_info(card, "2", "pre", "Automatic pre-update snapshot");
    fs::create_symlink("@/boot/boot.scr", card / "boot.scr");
    must(storage::sync_filesystem(card.root()));
}

// Numbers of trees in the btrfs on-disk format.
constexpr std::uint64_t log_tree = ~std::uint64_t{5};  // -6

constexpr std::uint64_t device_tree = 4;

constexpr std::size_t node_size = 16 << 10;

/// Calls `change` with every node of a tree that mkfs or a mount left on the disk, both copies of each, and
/// writes those for which it says true: btrfs nodes carry their owner's number at a fixed place. Returns how
/// many were written.
void change_nodes(const fs::path& node, std::uint64_t tree,
                  const std::function<bool(std::string& bytes)>& change) {
    constexpr std::size_t fsid_offset_in_super = 0x20;
    constexpr std::size_t fsid_offset_in_node = 0x20;
    constexpr std::size_t owner_offset_in_node = 0x58;
    constexpr off_t super_block = 64 << 10;
    const std::string owner(reinterpret_cast<const char*>(&tree), sizeof tree);

    const auto disk = must(open_file(node, O_RDWR, kind));
    std::string fsid(16, '\0');
    if (::pread(disk.get(), fsid.data(), fsid.size(),
                super_block + static_cast<off_t>(fsid_offset_in_super)) != static_cast<ssize_t>(fsid.size()))
        throw std::system_error(errno, std::generic_category(), node);

    std::string piece(1 << 20, '\0');
    std::size_t written = 0;
    for (off_t at = 1 << 20;; at += static_cast<off_t>(piece.size())) {
        const ssize_t got = ::pread(disk.get(), piece.data(), piece.size(), at);
        if (got < static_cast<ssize_t>(piece.size())) break;
        for (std::size_t block = 0; block < piece.size(); block += node_size) {
            if (piece.compare(block + fsid_offset_in_node, fsid.size(), fsid) != 0 ||
                piece.compare(block + owner_offset_in_node, owner.size(), owner) != 0)
                continue;
            auto bytes = piece.substr(block, node_size);
            if (!change(bytes)) continue;
            if (::pwrite(disk.get(), bytes.data(), node_size, at + static_cast<off_t>(block)) !=
                static_cast<ssize_t>(node_size))
                throw std::system_error(errno, std::generic_category(), node);
            ++written;
        }
    }
    if (written == 0) throw std::runtime_error(node.native() + ": no such node was found");
    if (::fsync(disk.get()) != 0) throw std::system_error(errno, std::generic_category(), node);
}

void overwrite_nodes(const fs::path& node, std::uint64_t tree) {
    change_nodes(node, tree, [](std::string& bytes) {
        bytes.assign(bytes.size(), 'x');
        return true;
    });
}

template <typename Number>
Number number_at(const std::string& bytes, std::size_t place) {
    Number number{};
    std::memcpy(&number, bytes.data() + place, sizeof number);
    return number;
}

/// Sets the count of corrupt blocks where the leaf holds the device's counters; false: it does not.
bool count_corruptions(std::string& leaf, std::uint64_t count) {
    constexpr std::size_t checksum_length = 32;
    constexpr std::size_t place_of_length = 0x60;
    constexpr std::size_t place_of_level = 0x64;
    constexpr std::size_t header = 0x65;
    constexpr std::size_t item_header = 25;
    constexpr unsigned char persistent_item = 249;  // of object 0: the counters
    constexpr std::size_t counter_of_corruptions = 3;
    if (leaf.at(place_of_level) != 0) return false;
    for (std::uint32_t i = 0; i < number_at<std::uint32_t>(leaf, place_of_length); ++i) {
        const auto item = header + i * item_header;
        if (number_at<std::uint64_t>(leaf, item) != 0 ||
            static_cast<unsigned char>(leaf.at(item + 8)) != persistent_item)
            continue;
        const auto data = header + number_at<std::uint32_t>(leaf, item + 17);
        std::memcpy(leaf.data() + data + counter_of_corruptions * sizeof count, &count, sizeof count);
        const auto sum = ~crc32c(~std::uint32_t{0}, std::string_view(leaf).substr(checksum_length));
        std::memcpy(leaf.data(), &sum, sizeof sum);
        return true;
    }
    return false;
}

fs::path system_partition(const LoopImage& card) {
    return must(storage::volumes_of(card.as(storage::DriveRole::card))).front().node;
}

/// The image as it is when the power fails right after an fsync: the log holds what is not in the trees yet.
void leave_a_log(const fs::path& image) {
    const auto cut = image.native() + ".cut";
    LoopImage card(image);
    {
        const WritableMount mounted(system_partition(card), "btrfs");
        must(storage::sync_filesystem(mounted.root()));
        write_file(mounted / "@/etc/hostname", "in the log\n");
        const auto file = must(open_file(mounted / "@/etc/hostname", O_RDWR, kind));
        if (::fsync(file.get()) != 0) throw std::system_error(errno, std::generic_category(), "fsync");
        const auto device = must(open_file(card.node(), O_RDWR, kind));
        if (::fsync(device.get()) != 0) throw std::system_error(errno, std::generic_category(), "fsync");
        copy_sparse(image, cut);
    }
    card.detach();
    fs::rename(cut, image);
}

void destroy_super_blocks(const fs::path& node, Bytes size) {
    // btrfs keeps copies at these places, as far as the device reaches.
    constexpr std::uint64_t places[] = {64ULL << 10, 64ULL << 20, 256ULL << 30};
    const auto disk = must(open_file(node, O_RDWR, kind));
    for (const auto place : places) {
        if (place + 4096 > size.count) continue;
        if (::pwrite(disk.get(), std::string(4096, 'x').data(), 4096, static_cast<off_t>(place)) != 4096)
            throw std::system_error(errno, std::generic_category(), node);
    }
    if (::fsync(disk.get()) != 0) throw std::system_error(errno, std::generic_category(), node);
}

void fill(const fs::path& file) {
    const auto out = must(open_file(file, O_WRONLY | O_CREAT, kind));
    // Large pieces first, then the rest, until nothing fits any more.
    for (std::size_t piece = 4 << 20; piece >= 4096; piece /= 2) {
        const auto bytes = incompressible(piece);
        errno = 0;
        while (::write(out.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
        }
        if (errno != 0 && errno != ENOSPC) throw std::system_error(errno, std::generic_category(), file);
    }
}

}  // namespace

void destroy_nodes_of(const fs::path& node, std::uint64_t owner) {
    overwrite_nodes(node, owner);
}

void make_card_with_old_system(const fs::path& image, Bytes size) {
    LoopImage card(image, size, PartitionTable::one_primary);
    format(card.partition(), "btrfs");
    write_old_system(card.partition());
    card.detach();
}

void make_empty_card(const fs::path& image, Bytes size) {
    LoopImage(image, size).detach();
}

void make_card_without_table(const fs::path& image, Bytes size) {
    LoopImage card(image, size);
    format(card.node(), "btrfs");
    write_old_system(card.node());
    card.detach();
}

void make_damaged_card(const fs::path& image, Bytes size, Damage damage) {
    make_card_with_old_system(image, size);
    if (damage == Damage::log_tree) leave_a_log(image);
    LoopImage card(image);
    const auto volumes = must(storage::volumes_of(card.as(storage::DriveRole::card)));
    if (damage == Damage::super_blocks)
        destroy_super_blocks(volumes.front().node, volumes.front().size);
    else
        overwrite_nodes(volumes.front().node, damage == Damage::trees ? root_tree : log_tree);
    card.detach();
}

void count_errors_on_card(const fs::path& image) {
    LoopImage card(image);
    change_nodes(system_partition(card), device_tree,
                 [](std::string& bytes) { return count_corruptions(bytes, 7); });
    card.detach();
}

void make_full_card(const fs::path& image, Bytes size) {
    make_card_with_old_system(image, size);
    LoopImage card(image);
    const auto volumes = must(storage::volumes_of(card.as(storage::DriveRole::card)));
    {
        const WritableMount mounted(volumes.front().node, "btrfs");
        fill(mounted / "@/srv/films");
        must(storage::sync_filesystem(mounted.root()));
    }
    card.detach();
}

void make_gpt_card(const fs::path& image, Bytes size) {
    LoopImage card(image, size);
    const std::unique_ptr<fdisk_context, decltype(&fdisk_unref_context)> context(fdisk_new_context(),
                                                                                 fdisk_unref_context);
    const auto check = [&image](int result) {
        if (result < 0) throw std::system_error(-result, std::generic_category(), "GPT on " + image.native());
    };
    check(fdisk_assign_device(context.get(), card.node().c_str(), 0));
    check(fdisk_disable_dialogs(context.get(), 1));
    check(fdisk_create_disklabel(context.get(), "gpt"));
    for (const std::uint64_t sectors : {65'536U, 131'072U}) {
        const std::unique_ptr<fdisk_partition, decltype(&fdisk_unref_partition)> partition(
            fdisk_new_partition(), fdisk_unref_partition);
        check(fdisk_partition_start_follow_default(partition.get(), 1));
        check(fdisk_partition_partno_follow_default(partition.get(), 1));
        check(fdisk_partition_set_size(partition.get(), sectors));
        check(fdisk_add_partition(context.get(), partition.get(), nullptr));
    }
    check(fdisk_write_disklabel(context.get()));
    check(fdisk_deassign_device(context.get(), 1));
    format(must(storage::volumes_of(card.as(storage::DriveRole::card))).at(1).node, "ext4");
    card.detach();
}

void make_ext4_card(const fs::path& image, Bytes size) {
    LoopImage card(image, size, PartitionTable::one_primary);
    format(card.partition(), "ext4");
    write_file(WritableMount(card.partition(), "ext4") / "notes.txt", "not a router\n");
    card.detach();
}

}  // namespace mox::test_support
