#include "storage/redirected_drives.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "storage/listed_drives.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;

/// A card, and two drives of different sizes, of which the second is the system's disk.
class RedirectedDrive : public testing::Test {
protected:
    RedirectedDrive() { test_support::format_btrfs(disk_.partition(), uuid_); }

    Expected<std::vector<Drive>> drives(Redirection redirection) {
        auto listed = must(ListedDrives::open(card_.node(), {stick_.node(), disk_.node()}));
        RedirectedDrives redirected(std::make_unique<ListedDrives>(std::move(listed)),
                                    std::move(redirection));
        return redirected.plugged_in();
    }

    const std::string uuid_ = test_support::own_uuid();
    test_support::TemporaryDirectory folder_;
    LoopImage card_{folder_ / "card", 200_MiB, PartitionTable::one_primary};
    LoopImage stick_{folder_ / "stick", 130_MiB, PartitionTable::one_primary};
    LoopImage disk_{folder_ / "disk", 180_MiB, PartitionTable::one_primary};
};

TEST_F(RedirectedDrive, TakesThePlaceOfTheCardWhichBecomesADriveLikeOthers) {
    const auto found = must(drives({.uuid = uuid_}));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].node, disk_.node());
    EXPECT_EQ(found[0].role, DriveRole::card);
    EXPECT_EQ(found[0].describe(), "system disk (" + disk_.node().filename().native() + ")");
    EXPECT_EQ(found[1].node, card_.node());
    EXPECT_EQ(found[1].role, DriveRole::usb);
    EXPECT_EQ(found[1].describe(), "card (" + card_.node().filename().native() + ")");
    EXPECT_EQ(found[2].node, stick_.node());
}

TEST_F(RedirectedDrive, IsTheCardItselfWhenItHasTheFileSystem) {
    test_support::format(disk_.partition(), "ext4");
    test_support::format_btrfs(card_.partition(), uuid_);
    const auto found = must(drives({.uuid = uuid_}));
    EXPECT_EQ(found[0].node, card_.node());
    EXPECT_EQ(found[0].describe(), "card (" + card_.node().filename().native() + ")");
}

TEST_F(RedirectedDrive, ThatIsNotThereIsAnErrorOfTheCardThatSaysSo) {
    const auto found = drives({.uuid = "0000"});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), ErrorKind::card);
    EXPECT_NE(found.error().describe().find("no disk has the file system root_uuid=0000"), std::string::npos)
        << found.error().describe();
    EXPECT_NE(found.error().describe().find(stick_.node().filename()), std::string::npos);
}

TEST_F(RedirectedDrive, IsNotGuessedBetweenTwo) {
    // A copy of the whole disk, as people make them.
    disk_.detach();
    std::filesystem::copy_file(folder_ / "disk", folder_ / "copy");
    const LoopImage original(folder_ / "disk");
    const LoopImage copy(folder_ / "copy");
    auto listed = must(ListedDrives::open(card_.node(), {original.node(), copy.node()}));
    RedirectedDrives redirected(std::make_unique<ListedDrives>(std::move(listed)), {.uuid = uuid_});
    const auto found = redirected.plugged_in();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().describe().find("more than one disk"), std::string::npos);
}

TEST_F(RedirectedDrive, IsKnownAgainWhileItIsBeingFormatted) {
    const auto disk = identity(disk_.as(DriveRole::usb));
    test_support::format(disk_.partition(), "ext4");
    const auto found = must(drives({.uuid = uuid_, .disk = disk}));
    EXPECT_EQ(found[0].node, disk_.node());
    // But what has the file system comes first.
    test_support::format_btrfs(stick_.partition(), uuid_);
    EXPECT_EQ(must(drives({.uuid = uuid_, .disk = disk}))[0].node, stick_.node());
}

}  // namespace
}  // namespace mox::storage
