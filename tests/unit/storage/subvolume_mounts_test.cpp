#include "storage/subvolume_mounts.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace mox::storage {
namespace {

constexpr auto mountinfo =
    "30 1 0:20 / / rw shared:1 - ext4 /dev/sda1 rw\n"
    "64 30 0:45 /@ /mnt/card rw,noatime shared:1 - btrfs /dev/mmcblk0p1 rw,subvolid=256,subvol=/@\n"
    "65 30 0:45 /@5/etc /mnt/it's\\040etc ro - btrfs /dev/mmcblk0p1 rw,subvolid=260,subvol=/@5\n"
    "66 30 0:45 / /mnt/top rw - btrfs /dev/mmcblk0p1 rw,subvolid=5,subvol=/\n"
    "67 30 0:45 /a,b /mnt/comma rw - btrfs /dev/mmcblk0p1 rw,subvolid=300,subvol=/a,b\n";

TEST(SubvolumeMounts, AreTheBtrfsLines) {
    const auto mounts = parse_subvolume_mounts(mountinfo);
    ASSERT_EQ(mounts.size(), 4U);
    EXPECT_EQ(mounts[0], (SubvolumeMount{.mount_id = 64,
                                         .file_system = "0:45",
                                         .root = "/@",
                                         .mount_point = "/mnt/card",
                                         .options = "rw,noatime",
                                         .source = "/dev/mmcblk0p1",
                                         .subvolume = 256,
                                         .name = "/@"}));
    EXPECT_TRUE(mounts[0].is_whole());
    EXPECT_FALSE(mounts[1].is_whole()) << "a directory of it";
    EXPECT_EQ(mounts[3].name, "/a,b");
    EXPECT_TRUE(mounts[3].is_whole());
}

TEST(SubvolumeMounts, OfASubvolumeAreFoundByItsId) {
    const auto mounts = parse_subvolume_mounts(mountinfo);
    EXPECT_EQ(mounts_of(mounts, std::array{std::uint64_t{260}}).size(), 1U);
    EXPECT_TRUE(mounts_of(mounts, std::array{std::uint64_t{257}}).empty());
    EXPECT_EQ(mounts_of(mounts, std::array{std::uint64_t{256}, std::uint64_t{260}}).size(), 2U);
}

TEST(SubvolumeMounts, ErrorNamesAllPlacesAndTheCommand) {
    const auto mounts = parse_subvolume_mounts(mountinfo);
    const auto error =
        mounted_error("snapshot 5", mounts_of(mounts, std::array{std::uint64_t{256}, std::uint64_t{260}}));
    EXPECT_EQ(error.headline(), "snapshot 5 is mounted on /mnt/card, /mnt/it's etc");
    EXPECT_EQ(error.hint(), "unmount it first: umount /mnt/card '/mnt/it'\\''s etc'");
    EXPECT_EQ(error.reason(), EBUSY);
    SubvolumeMount root;
    root.mount_point = "/";
    const auto running = mounted_error("snapshot 5", {root});
    EXPECT_EQ(running.hint(), "it is the running system; reboot first");
}

}  // namespace
}  // namespace mox::storage
