// Sticks and cards as image files, as other programs see them.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "base/child_process.hpp"
#include "disk_images/image_file.hpp"
#include "disk_images/installed_card.hpp"
#include "disk_images/open_card.hpp"
#include "disk_images/stick.hpp"
#include "storage/drive.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/temporary_directory.hpp"

namespace mox::disk_images {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using namespace unit_literals;
using test_support::must;

class StickTest : public testing::TestWithParam<StickFilesystem> {
protected:
    StickTest() {
        test_support::write_file(folder / "content/mox-medkit-latest (1).tar.gz", std::string(3 << 20, 'm'));
        test_support::write_file(folder / "content/mox-medkit-latest (1).tar.gz.sig", "signature\n");
        must(make_stick(stick, GetParam(), folder / "content"));
    }

    test_support::TemporaryDirectory folder;
    const fs::path stick = folder / "stick.img";
};

TEST_P(StickTest, HasOnePartitionWithTheFileSystemThatWasAskedFor) {
    const test_support::LoopImage image(stick);
    const auto volumes = must(storage::volumes_of(image.as(storage::DriveRole::usb)));
    ASSERT_EQ(volumes.size(), 1U);
    EXPECT_EQ(volumes[0].partition, 1);
    const std::map<StickFilesystem, std::string> kernel_names{{StickFilesystem::fat32, "vfat"},
                                                              {StickFilesystem::ext4, "ext4"},
                                                              {StickFilesystem::btrfs, "btrfs"},
                                                              {StickFilesystem::exfat, "exfat"}};
    EXPECT_EQ(volumes[0].filesystem, kernel_names.at(GetParam()));
}

TEST_P(StickTest, IsAHealthyFileSystem) {
    const test_support::LoopImage image(stick);
    const auto node = must(storage::volumes_of(image.as(storage::DriveRole::usb))).at(0).node;
    const auto check = [&]() -> std::vector<std::string> {
        switch (GetParam()) {
            case StickFilesystem::fat32:
                return {"fsck.vfat", "-n", node};
            case StickFilesystem::exfat:
                return {"fsck.exfat", "-n", node};
            case StickFilesystem::btrfs:
                return {"btrfs", "check", "--readonly", node};
            case StickFilesystem::ext4:
                break;
        }
        return {"fsck.ext4", "-n", "-f", node};
    }();
    const auto checked = must(run_child(check, 60s));
    EXPECT_TRUE(checked.succeeded()) << checked.output;
}

INSTANTIATE_TEST_SUITE_P(FileSystems, StickTest,
                         testing::Values(StickFilesystem::fat32, StickFilesystem::ext4,
                                         StickFilesystem::btrfs, StickFilesystem::exfat),
                         [](const auto& filesystem) { return std::string(name_of(filesystem.param)); });

TEST(Fat32Stick, HoldsTheFilesBitForBitAsMtoolsReadThem) {
    const test_support::TemporaryDirectory folder;
    const std::string content(3'000'001, 'x');
    test_support::write_file(folder / "content/a medkit.tar.gz", content);
    must(make_stick(folder / "stick.img", StickFilesystem::fat32, folder / "content"));
    // 1 MiB is where the partition begins.
    test_support::run(
        {"mcopy", "-i", (folder / "stick.img").native() + "@@1M", "::a medkit.tar.gz", folder / "back"});
    EXPECT_TRUE(test_support::read_file(folder / "back") == content);
}

class InstalledCard : public testing::Test {
protected:
    InstalledCard() {
        test_support::make_system_tree(folder / "tree", "7.7.7", 1);
        test_support::pack_with_tar(folder / "tree", medkit);
    }

    test_support::TemporaryDirectory folder;
    const fs::path medkit = folder / "mox-medkit-latest.tar.gz";
    const fs::path image = folder / "card.img";
};

TEST_F(InstalledCard, HasTheLayoutThatABoardBootsFrom) {
    must(make_installed_card(image, medkit, 512_MiB));
    EXPECT_EQ(fs::file_size(image), 512U << 20);
    auto card = must(OpenCard::look(image));
    EXPECT_EQ(fs::read_symlink(card.top() / "boot.scr"), "@/boot/boot.scr");
    EXPECT_EQ(must(card.read("etc/turris-version")), "7.7.7\n");
    EXPECT_EQ(must(card.read("etc/schnapps/config")), "ROOT_DEV='/dev/mmcblk0p1'\n");
    const auto factory = must(storage::subvolume_info(card.top_directory(), "@factory"));
    EXPECT_TRUE(factory.read_only);
    EXPECT_EQ(factory.parent_uuid, must(storage::subvolume_info(card.top_directory(), "@")).uuid);
    must(card.close());
}

TEST_F(InstalledCard, IsMadeOncePerMedkitAndCopiedQuickly) {
    const auto cache = folder / "cache";
    must(copy_installed_card(image, medkit, cache));
    ASSERT_EQ(std::distance(fs::directory_iterator(cache), fs::directory_iterator()), 1);
    const auto kept = fs::directory_iterator(cache)->path();
    const auto made = fs::last_write_time(kept);
    must(copy_installed_card(folder / "second.img", medkit, cache));
    EXPECT_EQ(fs::last_write_time(kept), made);
    EXPECT_EQ(must(must(OpenCard::look(folder / "second.img")).read("etc/turris-version")), "7.7.7\n");
}

TEST_F(InstalledCard, CanBeChangedFromOutside) {
    must(make_installed_card(image, medkit, 512_MiB));
    auto card = must(OpenCard::change(image));
    test_support::write_file(card.root() / "srv/photos/holiday.jpg", "a photo");
    must(card.close());
    EXPECT_EQ(must(must(OpenCard::look(image)).read("srv/photos/holiday.jpg")), "a photo");
}

TEST(CopyImage, KeepsContentAndHoles) {
    const test_support::TemporaryDirectory folder;
    const auto from = folder / "from.img";
    must(make_sparse_image(from, 128_MiB));
    {
        test_support::LoopImage image(from);
        image.overwrite(0, "begin");
        image.overwrite(50U << 20, std::string(1 << 20, 'm'));
        image.detach();
    }
    const auto to = folder / "to.img";
    must(copy_image(from, to));
    EXPECT_EQ(fs::file_size(to), 128U << 20);
    EXPECT_EQ(must(digest_of_image(to)), must(digest_of_image(from)));
    const auto used = must(run_child({"du", "--block-size=1M", to}, 10s));
    EXPECT_LT(std::stoi(used.output), 10) << used.output;
}

}  // namespace
}  // namespace mox::disk_images
