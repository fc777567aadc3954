#include <fcntl.h>
#include <gtest/gtest.h>
#include <libfdisk/libfdisk.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "storage/drive.hpp"
#include "storage/mount.hpp"
#include "storage/partitions.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::format;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;
using test_support::TemporaryDirectory;

constexpr auto kind = ErrorKind::internal;

std::vector<Volume> volumes_on(const LoopImage& disk) {
    return must(volumes_of(disk.as(DriveRole::usb)));
}

/// "p1 ext4", "whole vfat", ...
std::vector<std::string> overview(const std::vector<Volume>& volumes) {
    std::vector<std::string> lines;
    lines.reserve(volumes.size());
    for (const auto& volume : volumes)
        lines.push_back((volume.partition == 0 ? "whole" : "p" + std::to_string(volume.partition)) + " " +
                        volume.filesystem);
    return lines;
}

using Lines = std::vector<std::string>;

std::vector<Partition> known_to_the_kernel(const LoopImage& disk) {
    const auto fd = must(open_file(disk.node(), O_RDONLY, kind));
    return must(kernel_partitions(fd.get(), disk.node(), kind));
}

void tell_the_kernel(const LoopImage& disk, const std::vector<Partition>& partitions) {
    const auto fd = must(open_file(disk.node(), O_RDONLY, kind));
    const auto refused = must(register_partitions(fd.get(), disk.node(), partitions, kind));
    ASSERT_TRUE(refused.empty()) << refused.front().message;
}

/// Writes a table with partitions of the given sizes in MiB, by sfdisk's own library.
void write_table(const LoopImage& disk, const char* label, const std::vector<std::uint64_t>& sizes) {
    fdisk_context* context = fdisk_new_context();
    ASSERT_EQ(fdisk_assign_device(context, disk.node().c_str(), 0), 0);
    fdisk_disable_dialogs(context, 1);
    ASSERT_EQ(fdisk_create_disklabel(context, label), 0);
    for (const auto size : sizes) {
        fdisk_partition* partition = fdisk_new_partition();
        fdisk_partition_start_follow_default(partition, 1);
        fdisk_partition_partno_follow_default(partition, 1);
        fdisk_partition_set_size(partition, size * 2048);
        ASSERT_EQ(fdisk_add_partition(context, partition, nullptr), 0);
        fdisk_unref_partition(partition);
    }
    ASSERT_EQ(fdisk_write_disklabel(context), 0);
    fdisk_deassign_device(context, 1);
    fdisk_unref_context(context);
}

/// One primary, an extended one over the rest, two logical ones in it: byte by byte.
void write_table_with_logical_partitions(LoopImage& disk) {
    const auto record = [](const std::vector<std::array<std::uint32_t, 3>>& entries) {
        std::string sector(512, '\0');
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const std::size_t at = 446 + 16 * i;
            sector[at + 4] = static_cast<char>(entries[i][0]);
            for (unsigned byte = 0; byte < 4; ++byte) {
                sector[at + 8 + byte] = static_cast<char>(entries[i][1] >> (8 * byte));
                sector[at + 12 + byte] = static_cast<char>(entries[i][2] >> (8 * byte));
            }
        }
        sector[510] = '\x55';
        sector[511] = '\xaa';
        return sector;
    };
    constexpr std::uint32_t mib = 2048;
    disk.overwrite(0, record({{0x83, mib, 8 * mib}, {0x05, 16 * mib, 40 * mib}}));
    disk.overwrite(16ULL << 20, record({{0x83, mib, 8 * mib}, {0x05, 16 * mib, 20 * mib}}));
    disk.overwrite(32ULL << 20, record({{0x83, mib, 8 * mib}}));
}

class Volumes : public testing::Test {
protected:
    TemporaryDirectory folder_;
};

TEST_F(Volumes, OfAnEmptyDriveAreTheDriveItself) {
    const LoopImage disk(folder_ / "d", 8_MiB);
    const auto volumes = volumes_on(disk);
    EXPECT_EQ(overview(volumes), (Lines{"whole "}));
    EXPECT_EQ(volumes.front().node, disk.node());
    EXPECT_EQ(volumes.front().error, "");
}

TEST_F(Volumes, OfAPartitionedDriveHaveNodesThatTheKernelDidNotMake) {
    LoopImage disk(folder_ / "d", 64_MiB, PartitionTable::one_primary);
    format(disk.partition(), "ext4");
    tell_the_kernel(disk, {});
    ASSERT_FALSE(std::filesystem::exists(disk.partition()));

    const auto volumes = volumes_on(disk);
    EXPECT_EQ(overview(volumes), (Lines{"p1 ext4"}));
    EXPECT_EQ(volumes.front().node, disk.partition());
    EXPECT_TRUE(std::filesystem::is_block_file(disk.partition()));
    EXPECT_EQ(volumes.front().size, 63_MiB);
    EXPECT_EQ(volumes.front().uuid.size(), 36U);
}

TEST_F(Volumes, AreTheSameWhenAskedAgain) {
    LoopImage disk(folder_ / "d", 64_MiB, PartitionTable::one_primary);
    format(disk.partition(), "ext4");
    const auto first = overview(volumes_on(disk));
    EXPECT_EQ(overview(volumes_on(disk)), first);
}

TEST_F(Volumes, ReplaceStalePartitionsOfTheKernel) {
    LoopImage disk(folder_ / "d", 64_MiB, PartitionTable::one_primary);
    tell_the_kernel(disk, {{1, 2_MiB, 4_MiB}, {3, 32_MiB, 4_MiB}});
    EXPECT_EQ(overview(volumes_on(disk)), (Lines{"p1 "}));
    EXPECT_EQ(known_to_the_kernel(disk), (std::vector<Partition>{{1, 1_MiB, 63_MiB}}));
}

TEST_F(Volumes, OfAWholeDriveFileSystemRemoveStalePartitions) {
    LoopImage disk(folder_ / "d", 64_MiB);
    tell_the_kernel(disk, {{1, 2_MiB, 4_MiB}});
    format(disk.node(), "ext4");
    EXPECT_EQ(overview(volumes_on(disk)), (Lines{"whole ext4"}));
    EXPECT_TRUE(known_to_the_kernel(disk).empty());
}

TEST_F(Volumes, LeaveAPartitionAloneThatIsRightAndMounted) {
    LoopImage disk(folder_ / "d", 64_MiB, PartitionTable::one_primary);
    format(disk.partition(), "ext4");
    const test_support::WritableMount mounted(disk.partition(), "ext4");
    EXPECT_EQ(overview(volumes_on(disk)), (Lines{"p1 ext4"}));
}

TEST_F(Volumes, SayWhichOldPartitionIsStillInUse) {
    LoopImage disk(folder_ / "d", 64_MiB, PartitionTable::one_primary);
    tell_the_kernel(disk, {{2, 1_MiB, 63_MiB}});
    const auto stale = disk.node().native() + "p2";
    format(stale, "ext4");
    const test_support::WritableMount mounted(stale, "ext4");
    const auto volumes = volumes_of(disk.as(DriveRole::usb));
    ASSERT_FALSE(volumes);
    EXPECT_EQ(volumes.error().kind(), ErrorKind::medkit);
    EXPECT_NE(volumes.error().describe().find(
                  "partition 2 is in use, but is no longer in the partition table: unmount it first"),
              std::string::npos)
        << volumes.error().describe();
}

TEST_F(Volumes, OfAGptAreItsPartitions) {
    LoopImage disk(folder_ / "d", 256_MiB);
    write_table(disk, "gpt", {32, 128, 16});
    EXPECT_EQ(overview(volumes_on(disk)), (Lines{"p1 ", "p2 ", "p3 "}));
    format(disk.node().native() + "p2", "btrfs");
    EXPECT_EQ(overview(volumes_on(disk)), (Lines{"p1 ", "p2 btrfs", "p3 "}));
}

TEST_F(Volumes, OfADosTableIncludeLogicalPartitionsWithoutTheirContainer) {
    LoopImage disk(folder_ / "d", 64_MiB);
    write_table_with_logical_partitions(disk);
    ASSERT_EQ(overview(volumes_on(disk)), (Lines{"p1 ", "p5 ", "p6 "}));
    format(disk.node().native() + "p6", "ext4");
    EXPECT_EQ(overview(volumes_on(disk)), (Lines{"p1 ", "p5 ", "p6 ext4"}));
}

TEST_F(Volumes, OfAnEmptyTableAreTheDriveWithTheReason) {
    LoopImage disk(folder_ / "d", 64_MiB);
    write_table(disk, "dos", {});
    const auto volumes = volumes_on(disk);
    EXPECT_EQ(overview(volumes), (Lines{"whole "}));
    EXPECT_EQ(volumes.front().error, "its partition table is empty");
}

TEST_F(Volumes, BeyondTheEndOfTheDriveAreNamedWithTheReason) {
    LoopImage disk(folder_ / "d", 64_MiB);
    write_table(disk, "dos", {16, 40});
    disk.detach();
    std::filesystem::resize_file(disk.image(), 32ULL << 20);
    const LoopImage cut(disk.image());
    const auto volumes = volumes_on(cut);
    ASSERT_EQ(volumes.size(), 2U);
    EXPECT_EQ(volumes[0].error, "");
    EXPECT_NE(volumes[1].error.find("partition table is wrong"), std::string::npos) << volumes[1].error;
    const auto mount = mount_source(volumes[1]);
    ASSERT_FALSE(mount);
    EXPECT_NE(mount.error().describe().find("partition 2"), std::string::npos) << mount.error().describe();
}

/// Formats without a partition table whose first sector ends in 55 AA, as a partition table's does.
class StickWithoutTable : public Volumes, public testing::WithParamInterface<const char*> {};

TEST_P(StickWithoutTable, IsOneVolumeWithItsFileSystem) {
    const LoopImage disk(folder_ / "d", 128_MiB);
    format(disk.node(), GetParam());
    const auto volumes = volumes_on(disk);
    EXPECT_EQ(overview(volumes), (Lines{"whole " + std::string(GetParam())}));
    EXPECT_TRUE(known_to_the_kernel(disk).empty());
}

TEST_P(StickWithoutTable, InAPartitionIsFoundAsWell) {
    const LoopImage disk(folder_ / "d", 128_MiB, PartitionTable::one_primary);
    format(disk.partition(), GetParam());
    EXPECT_EQ(overview(volumes_on(disk)), (Lines{"p1 " + std::string(GetParam())}));
}

INSTANTIATE_TEST_SUITE_P(Filesystems, StickWithoutTable, testing::Values("vfat", "exfat", "ext4", "btrfs"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_F(Volumes, OfADriveThatIsNotThereAreAnError) {
    const auto volumes = volumes_of({.node = "/dev/nosuchdisk", .role = DriveRole::card});
    ASSERT_FALSE(volumes);
    EXPECT_EQ(volumes.error().kind(), ErrorKind::card);
    EXPECT_EQ(volumes.error().describe(),
              "card (nosuchdisk): /dev/nosuchdisk is not there; was it pulled out?");
}

}  // namespace
}  // namespace mox::storage
