#include "init/shutdown.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

namespace mox::init {
namespace {

using Paths = std::vector<std::filesystem::path>;

TEST(DiskMounts, AreThoseOfDevicesTheLastFirst) {
    constexpr auto table =
        "1 0 0:2 / / rw - rootfs none rw\n"
        "20 1 0:5 / /dev rw,nosuid - devtmpfs devtmpfs rw\n"
        "21 1 0:20 / /mnt rw - tmpfs tmpfs rw\n"
        "30 21 0:33 /@ /mnt/card rw,noatime shared:7 master:2 - btrfs /dev/mmcblk0p1 rw,subvol=/@\n"
        "31 30 8:1 / /mnt/card/stick rw - vfat /dev/sda1 rw\n";
    EXPECT_EQ(disk_mounts(table), (Paths{"/mnt/card/stick", "/mnt/card"}));
}

TEST(DiskMounts, MayHaveBlanksInTheirNames) {
    EXPECT_EQ(disk_mounts("30 21 0:33 / /mnt/my\\040card\\134x rw - ext4 /dev/sda1 rw\n"),
              (Paths{"/mnt/my card\\x"}));
}

TEST(DiskMounts, AreNoneInATableThatMakesNoSense) {
    EXPECT_EQ(disk_mounts(""), Paths{});
    EXPECT_EQ(disk_mounts("1 2 3\n- /dev/sda1\n\n30 21 0:33 / /mnt rw btrfs /dev/sda1 rw\n"), Paths{});
}

}  // namespace
}  // namespace mox::init
