#include "storage/sysfs_drives.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using test_support::TemporaryDirectory;
using test_support::write_file;

constexpr const char* mox_card =
    "platform/soc/soc:internal-regs@d0000000/d00d8000.sdhci/mmc_host/mmc0/mmc0:aaaa";
constexpr const char* mox_usb = "platform/soc/soc:internal-regs@d0000000/d0058000.usb/usb1/1-1/1-1:1.0/host0";

/// A /sys that is put together as the kernel does it: /sys/block holds links into /sys/devices.
class FakeSysfs {
public:
    FakeSysfs() { std::filesystem::create_directories(folder_ / "block"); }

    std::filesystem::path disk(const std::string& name, const std::string& parent, std::uint64_t sectors) {
        const auto device = folder_ / "devices" / parent / "block" / name;
        write_file(device / "size", std::to_string(sectors) + "\n");
        std::filesystem::create_directories(folder_ / "devices" / parent / "attributes");
        std::filesystem::create_directory_symlink("../../attributes", device / "device");
        std::filesystem::create_directory_symlink(
            std::filesystem::path("../devices") / parent / "block" / name, folder_ / "block" / name);
        return device;
    }

    [[nodiscard]] std::vector<Drive> drives(const std::string& controller = "d00d8000.") const {
        auto found = SysfsDrives(controller, log_, folder_.path()).plugged_in();
        EXPECT_TRUE(found) << found.error().describe();
        return found.value_or(std::vector<Drive>{});
    }

    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

private:
    TemporaryDirectory folder_;
    mutable Log log_;
};

std::vector<std::string> described(const std::vector<Drive>& drives) {
    std::vector<std::string> texts;
    texts.reserve(drives.size());
    for (const auto& drive : drives) texts.push_back(drive.describe() + " " + to_text(drive.size));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(SysfsDrives, TheCardIsTheDiskOnTheBoardsControllerWhateverItsNumber) {
    FakeSysfs sysfs;
    sysfs.disk("mmcblk0", "platform/soc/d00d0000.sdhci/mmc_host/mmc1/mmc1:0001", 15'269'888);
    sysfs.disk("mmcblk1", mox_card, 62'333'952);
    EXPECT_EQ(described(sysfs.drives()), (Texts{"card (mmcblk1) 31.9 GB", "disk (mmcblk0) 7.8 GB"}));
}

// The node of the card's controller is `sdhci@d8000` in device trees up to Linux 5.18, `mmc@d8000` since
// then.
TEST(SysfsDrives, TheCardIsFoundUnderTheDeviceTreesOfAllKernels) {
    for (const std::string controller :
         {"soc/soc:internal-regs@d0000000/d00d8000.sdhci", "soc/soc:internal-regs@d0000000/d00d8000.mmc",
          "soc/soc:bus@d0000000/d00d8000.mmc", "soc/d00d8000.mmc", "soc/d00d8000.card-controller"}) {
        FakeSysfs sysfs;
        sysfs.disk("mmcblk0", "platform/" + controller + "/mmc_host/mmc0/mmc0:4567", 62'333'952);
        EXPECT_EQ(described(sysfs.drives()), (Texts{"card (mmcblk0) 31.9 GB"})) << controller;
    }
}

TEST(SysfsDrives, ACardControllerIsAWholeFolderName) {
    FakeSysfs sysfs;
    sysfs.disk("mmcblk0", "platform/soc/1d00d8000.sdhci/mmc_host/mmc0/mmc0:aaaa", 1000);
    EXPECT_EQ(described(sysfs.drives()), (Texts{"disk (mmcblk0) 512.0 kB"}));
}

TEST(SysfsDrives, ACardControllerMayBeSeveralFoldersInARow) {
    FakeSysfs sysfs;
    sysfs.disk("vda", "pci0000:00/0000:00:02.0/virtio1", 2048);
    EXPECT_EQ(described(sysfs.drives("0000:00:02.0/virtio1")), (Texts{"card (vda) 1.0 MB"}));
}

TEST(SysfsDrives, WithoutAKnownControllerNothingIsTheCard) {
    FakeSysfs sysfs;
    sysfs.disk("mmcblk0", mox_card, 1000);
    EXPECT_EQ(described(sysfs.drives("")), (Texts{"disk (mmcblk0) 512.0 kB"}));
}

TEST(SysfsDrives, ADiskOnAUsbBusIsAUsbDriveNamedByMakerAndModel) {
    FakeSysfs sysfs;
    const auto disk = sysfs.disk("sda", mox_usb, 30'031'872);
    write_file(disk / "device/vendor", "SanDisk \n");
    write_file(disk / "device/model", "Ultra           \n");
    const auto drives = sysfs.drives();
    EXPECT_EQ(described(drives), (Texts{"USB drive SanDisk Ultra (sda) 15.4 GB"}));
    ASSERT_EQ(drives.size(), 1U);
    EXPECT_EQ(drives.front().node, "/dev/sda");
    EXPECT_EQ(drives.front().role, DriveRole::usb);
}

TEST(SysfsDrives, ADiskOnAnotherBusIsNeither) {
    FakeSysfs sysfs;
    sysfs.disk("nvme0n1", "pci0000:00/0000:00:00.0/nvme/nvme0", 1'000'000);
    sysfs.disk("sdb", "platform/soc/d00e0000.sata/ata1/host0/target0:0:0/0:0:0:0", 1'000'000);
    sysfs.disk("sdc", "platform/usbx/host0", 1'000'000);
    const auto drives = sysfs.drives();
    EXPECT_EQ(described(drives),
              (Texts{"disk (sdb) 512.0 MB", "disk (sdc) 512.0 MB", "disk (nvme0n1) 512.0 MB"}));
    for (const auto& drive : drives) EXPECT_EQ(drive.role, DriveRole::other);
}

TEST(SysfsDrives, LoopRamAndFlashDisksAreNotListed) {
    FakeSysfs sysfs;
    sysfs.disk("loop0", "virtual", 1000);
    sysfs.disk("ram0", "virtual", 1000);
    sysfs.disk("zram0", "virtual", 1000);
    sysfs.disk("mtdblock3", "platform/soc/d0010600.spi/spi0/spi0.0/mtd/mtd3", 1000);
    EXPECT_TRUE(sysfs.drives().empty());
}

TEST(SysfsDrives, BootPartitionsOfAnEmmcAreNotTheCard) {
    FakeSysfs sysfs;
    sysfs.disk("mmcblk0", mox_card, 4096);
    sysfs.disk("mmcblk0boot0", std::string(mox_card) + "/block/mmcblk0", 4096);
    sysfs.disk("mmcblk0boot1", std::string(mox_card) + "/block/mmcblk0", 4096);
    sysfs.disk("mmcblk0rpmb", std::string(mox_card) + "/block/mmcblk0", 4096);
    EXPECT_EQ(described(sysfs.drives()), (Texts{"card (mmcblk0) 2.1 MB"}));
}

TEST(SysfsDrives, ACardReaderWithoutACardIsNotListed) {
    FakeSysfs sysfs;
    sysfs.disk("sda", mox_usb, 0);
    EXPECT_TRUE(sysfs.drives().empty());
}

TEST(SysfsDrives, TheCardComesFirstThenUsbDrivesInTheOrderOfTheirNames) {
    FakeSysfs sysfs;
    sysfs.disk("sdaa", std::string(mox_usb) + "3", 1000);
    sysfs.disk("sdb", std::string(mox_usb) + "1", 1000);
    sysfs.disk("sda", std::string(mox_usb) + "2", 1000);
    sysfs.disk("mmcblk0", mox_card, 1000);
    EXPECT_EQ(described(sysfs.drives()), (Texts{"card (mmcblk0) 512.0 kB", "USB drive (sda) 512.0 kB",
                                                "USB drive (sdb) 512.0 kB", "USB drive (sdaa) 512.0 kB"}));
}

TEST(SysfsDrives, ADiskThatWentWhileLookingIsNotPluggedIn) {
    FakeSysfs sysfs;
    sysfs.disk("sda", mox_usb, 1000);
    std::filesystem::create_directory_symlink("../devices/gone/block/sdb", sysfs.path() / "block/sdb");
    EXPECT_EQ(described(sysfs.drives()), (Texts{"USB drive (sda) 512.0 kB"}));
}

TEST(SysfsDrives, WithoutSysfsItSaysSo) {
    const TemporaryDirectory empty;
    Log log;
    const auto found = SysfsDrives("x", log, empty.path()).plugged_in();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), ErrorKind::internal);
    EXPECT_NE(found.error().describe().find("/block: No such file or directory"), std::string::npos);
}

TEST(DriveNames, AVolumeTellsWhereItIsAndHowItIsFormatted) {
    const Drive stick{.node = "/dev/sda", .model = "SanDisk Ultra"};
    Volume volume{.drive = stick, .partition = 1, .node = "/dev/sda1", .filesystem = "vfat"};
    EXPECT_EQ(volume.describe(), "USB drive SanDisk Ultra (sda1, FAT32)");
    volume.filesystem = "";
    EXPECT_EQ(volume.describe(), "USB drive SanDisk Ultra (sda1)");
    volume.node = "";
    EXPECT_EQ(volume.describe(), "USB drive SanDisk Ultra (sda partition 1)");
}

TEST(DriveNames, FileSystemsAreNamedAsPeopleWriteThem) {
    EXPECT_EQ(filesystem_name("vfat"), "FAT32");
    EXPECT_EQ(filesystem_name("exfat"), "exFAT");
    EXPECT_EQ(filesystem_name("ntfs"), "NTFS");
    EXPECT_EQ(filesystem_name("btrfs"), "Btrfs");
    EXPECT_EQ(filesystem_name("ext4"), "ext4");
    EXPECT_EQ(filesystem_name("reiserfs"), "reiserfs");
}

}  // namespace
}  // namespace mox::storage
