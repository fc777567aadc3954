#include "storage/mount.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/file.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::format;
using test_support::image_digest;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;
using test_support::read_file;
using test_support::WritableMount;
using test_support::write_file;

constexpr auto kind = ErrorKind::internal;

Volume only_volume(const LoopImage& disk) {
    auto volumes = must(volumes_of(disk.as(DriveRole::usb)));
    EXPECT_EQ(volumes.size(), 1U);
    return volumes.front();
}

bool is_write_protected(const std::filesystem::path& node) {
    const auto fd = must(open_file(node, O_RDONLY, kind));
    int read_only = 0;
    EXPECT_EQ(::ioctl(fd.get(), BLKROGET, &read_only), 0);
    return read_only != 0;
}

bool anybody_has_mounted(const std::filesystem::path& node) {
    const auto table = must(read_small_file("/proc/self/mountinfo", kind, 1_MiB));
    return table.find(" " + node.native() + " ") != std::string::npos;
}

class Mounts : public testing::Test {
protected:
    test_support::TemporaryDirectory folder_;
};

TEST_F(Mounts, ASourceIsReadableAndCannotBeWrittenByAnyMeans) {
    const LoopImage disk(folder_ / "d", 64_MiB, PartitionTable::one_primary);
    format(disk.partition(), "ext4");
    write_file(WritableMount(disk.partition(), "ext4") / "mox-medkit-latest.tar.gz", "medkit");
    {
        const auto source = must(mount_source(only_volume(disk)));
        EXPECT_EQ(read_file(source.path() / "mox-medkit-latest.tar.gz"), "medkit");
        EXPECT_LT(::openat(source.root(), "new", O_WRONLY | O_CREAT, 0644), 0);
        EXPECT_EQ(errno, EROFS);
        EXPECT_TRUE(is_write_protected(disk.partition()));
        EXPECT_TRUE(is_write_protected(disk.node()));
    }
    EXPECT_FALSE(is_write_protected(disk.partition()));
    EXPECT_FALSE(is_write_protected(disk.node()));
}

TEST_F(Mounts, NobodyElseSeesAMount) {
    LoopImage disk(folder_ / "d", 128_MiB, PartitionTable::one_primary);
    format(disk.partition(), "btrfs");
    {
        const auto card = must(mount_card(disk.partition()));
        EXPECT_FALSE(anybody_has_mounted(disk.partition()));
        test_support::run({"test", "-d", card.path().native()});
    }
    {
        const auto source = must(mount_source(only_volume(disk)));
        EXPECT_FALSE(anybody_has_mounted(disk.partition()));
    }
    disk.detach();
}

TEST_F(Mounts, TwoPartitionsOfOneStickStayProtectedUntilBothAreUnmounted) {
    LoopImage stick(folder_ / "d", 128_MiB);
    std::string record(512, '\0');
    const auto entry = [&record](std::size_t number, std::uint32_t start, std::uint32_t length) {
        const std::size_t at = 446 + 16 * number;
        record[at + 4] = '\x83';
        for (unsigned byte = 0; byte < 4; ++byte) {
            record[at + 8 + byte] = static_cast<char>(start >> (8 * byte));
            record[at + 12 + byte] = static_cast<char>(length >> (8 * byte));
        }
    };
    entry(0, 2048, 100'000);
    entry(1, 110'592, 100'000);
    record[510] = '\x55';
    record[511] = '\xaa';
    stick.overwrite(0, record);
    auto volumes = must(volumes_of(stick.as(DriveRole::usb)));
    ASSERT_EQ(volumes.size(), 2U);
    for (const auto& volume : volumes) format(volume.node, "ext4");
    volumes = must(volumes_of(stick.as(DriveRole::usb)));

    auto first = must(mount_source(volumes[0]));
    auto second = must(mount_source(volumes[1]));
    must(first.unmount());
    EXPECT_TRUE(is_write_protected(volumes[1].node));
    EXPECT_TRUE(is_write_protected(stick.node()));
    must(second.unmount());
    EXPECT_FALSE(is_write_protected(volumes[0].node));
    EXPECT_FALSE(is_write_protected(volumes[1].node));
    EXPECT_FALSE(is_write_protected(stick.node()));
}

TEST_F(Mounts, OneSourceMayBeMountedTwice) {
    const LoopImage disk(folder_ / "d", 128_MiB);
    format(disk.node(), "btrfs");
    auto first = must(mount_source(only_volume(disk)));
    auto second = must(mount_source(only_volume(disk)));
    must(first.unmount());
    EXPECT_TRUE(is_write_protected(disk.node()));
    EXPECT_TRUE(std::filesystem::is_directory(second.path()));
}

TEST_F(Mounts, ASourceThatSomebodyElseWritesToIsRefused) {
    const LoopImage disk(folder_ / "d", 64_MiB);
    format(disk.node(), "ext4");
    const WritableMount somebody(disk.node(), "ext4");
    const auto source = mount_source(only_volume(disk));
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().kind(), ErrorKind::medkit);
    EXPECT_NE(source.error().describe().find("is in use; unmount it first"), std::string::npos)
        << source.error().describe();
    write_file(somebody / "file", "still writable");
    must(sync_filesystem(somebody.root()));
}

TEST_F(Mounts, UnmountSaysWhenAFileIsStillOpen) {
    const LoopImage disk(folder_ / "d", 128_MiB);
    format(disk.node(), "btrfs");
    auto card = must(mount_card(disk.node()));
    write_file(card.path() / "file", "x");
    auto open = must(open_file(card.path() / "file", O_RDONLY, kind));
    EXPECT_EQ(must(card.unmount()), AfterUnmount::in_use);
    open.reset();
    auto again = must(mount_card(disk.node()));
    EXPECT_EQ(must(again.unmount()), AfterUnmount::free);
}

TEST_F(Mounts, TheCardShowsItsTopLevelWhateverItsDefaultSubvolumeIs) {
    const LoopImage disk(folder_ / "d", 128_MiB);
    format(disk.node(), "btrfs");
    {
        const auto card = must(mount_card(disk.node()));
        must(create_subvolume(card.root(), "@"));
        const auto id = must(subvolume_info(card.root(), "@")).id;
        test_support::run({"btrfs", "subvolume", "set-default", std::to_string(id), card.path().native()});
    }
    const auto card = must(mount_card(disk.node()));
    EXPECT_TRUE(is_subvolume(card.root(), "@"));
    const auto again = mount_source(only_volume(disk));
    EXPECT_FALSE(again) << "it is mounted for writing";
}

struct Unreadable {
    const char* filesystem;
    const char* sentence;
};

class UnknownToThisKernel : public Mounts, public testing::WithParamInterface<Unreadable> {};

TEST_P(UnknownToThisKernel, SaysSoAndWhatToDo) {
    const auto known = must(read_small_file("/proc/filesystems", kind));
    if (known.find(std::string("\t") + GetParam().filesystem + "\n") != std::string::npos)
        GTEST_SKIP() << "this kernel can read it";
    const LoopImage disk(folder_ / "d", 128_MiB);
    format(disk.node(), GetParam().filesystem);
    const auto source = mount_source(only_volume(disk));
    if (source) GTEST_SKIP() << "this kernel can read it after loading a module";
    EXPECT_EQ(source.error().kind(), ErrorKind::medkit);
    EXPECT_NE(source.error().describe().find(GetParam().sentence), std::string::npos)
        << source.error().describe();
    EXPECT_FALSE(is_write_protected(disk.node()));
}

INSTANTIATE_TEST_SUITE_P(
    Filesystems, UnknownToThisKernel,
    testing::Values(
        Unreadable{"vfat", "FAT32): this system cannot read FAT32; put the medkit on a drive with"},
        Unreadable{"exfat", "exFAT): this system cannot read exFAT; put the medkit on a drive with"}),
    [](const auto& instance) { return std::string(instance.param.filesystem); });

TEST_F(Mounts, AnEmptyStickHasNoFileSystem) {
    const LoopImage disk(folder_ / "d", 8_MiB);
    const auto source = mount_source(only_volume(disk));
    ASSERT_FALSE(source);
    EXPECT_NE(source.error().describe().find("there is no file system that this system knows"),
              std::string::npos);
}

TEST_F(Mounts, ADamagedFileSystemIsNamedAsSuch) {
    LoopImage disk(folder_ / "d", 64_MiB);
    format(disk.node(), "ext4");
    // The super block stays, what it points to goes.
    for (std::uint64_t at = 4096; at < (1 << 20); at += 4096) disk.overwrite(at, std::string(4096, 'x'));
    const auto source = mount_source(only_volume(disk));
    ASSERT_FALSE(source);
    EXPECT_NE(source.error().describe().find("its ext4 is damaged or cannot be read ("), std::string::npos)
        << source.error().describe();
    EXPECT_FALSE(is_write_protected(disk.node()));
}

/// An image of a file system as a pulled stick holds it: a journal or log that waits to be replayed.
class PulledStick : public Mounts, public testing::WithParamInterface<const char*> {
protected:
    void make_stick(const std::filesystem::path& image, PartitionTable table) {
        const LoopImage disk(folder_ / "plugged.img", 112_MiB, table);
        const auto node = table == PartitionTable::none ? disk.node() : disk.partition();
        format(node, GetParam());
        const WritableMount mounted(node, GetParam());
        write_file(mounted / "settled", "settled");
        must(sync_filesystem(mounted.root()));
        write_file(mounted / "late", "late");
        const auto late = must(open_file(mounted / "late", O_RDONLY, kind));
        ASSERT_EQ(::fsync(late.get()), 0);
        test_support::copy_sparse(disk.image(), image);
    }

    /// Whether a writable mount changes the image: there is something to replay.
    static bool replay_changes(const std::filesystem::path& image) {
        const auto before = image_digest(image);
        LoopImage disk(image);
        const auto volume = only_volume(disk);
        {
            const WritableMount replayed(volume.node, GetParam());
        }
        disk.detach();
        return image_digest(image) != before;
    }
};

TEST_P(PulledStick, StaysBitForBitWhatItWas) {
    for (const auto table : {PartitionTable::none, PartitionTable::one_primary}) {
        const auto image = folder_ / "pulled.img";
        std::filesystem::remove(image);
        make_stick(image, table);
        const auto before = image_digest(image);
        {
            LoopImage stick(image);
            {
                const auto source = must(mount_source(only_volume(stick)));
                EXPECT_EQ(read_file(source.path() / "settled"), "settled");
            }
            stick.detach();
        }
        EXPECT_EQ(image_digest(image), before);
        EXPECT_TRUE(replay_changes(image)) << "nothing was there to replay, so this proved nothing";
    }
}

INSTANTIATE_TEST_SUITE_P(Filesystems, PulledStick, testing::Values("ext4", "btrfs"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_F(Mounts, AStickWithAWriteProtectSwitchStaysProtectedAfterwards) {
    const auto image = folder_ / "d";
    {
        LoopImage disk(image, 64_MiB);
        format(disk.node(), "ext4");
        disk.detach();
    }
    const LoopImage disk(image, LoopAccess::read_only);
    {
        const auto source = must(mount_source(only_volume(disk)));
    }
    EXPECT_TRUE(is_write_protected(disk.node()));
}

}  // namespace
}  // namespace mox::storage
