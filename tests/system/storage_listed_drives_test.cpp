#include "storage/listed_drives.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;

class ListedDrive : public testing::Test {
protected:
    test_support::TemporaryDirectory folder_;
};

TEST_F(ListedDrive, CardAndUsbDrivesComeInTheGivenOrderWithTheirSizes) {
    const LoopImage card(folder_ / "card", 8_MiB);
    const LoopImage one(folder_ / "one", 4_MiB);
    const LoopImage two(folder_ / "two", 2_MiB);
    auto listed = must(ListedDrives::open(card.node(), {two.node(), one.node()}));
    const auto drives = must(listed.plugged_in());
    ASSERT_EQ(drives.size(), 3U);
    EXPECT_EQ(drives[0].describe(), "card (" + card.node().filename().native() + ")");
    EXPECT_EQ(drives[0].size, 8_MiB);
    EXPECT_EQ(drives[1].node, two.node());
    EXPECT_EQ(drives[1].role, DriveRole::usb);
    EXPECT_EQ(drives[1].size, 2_MiB);
    EXPECT_EQ(drives[2].node, one.node());
}

TEST_F(ListedDrive, AStickThatWasPulledIsNotPluggedInAnyMore) {
    LoopImage stick(folder_ / "stick", 8_MiB);
    auto listed = must(ListedDrives::open(std::nullopt, {stick.node()}));
    EXPECT_EQ(must(listed.plugged_in()).size(), 1U);
    stick.detach();
    const auto drives = must(listed.plugged_in());
    // Another test may have taken the loop device meanwhile: then there is a stick again, of another size.
    for (const auto& drive : drives) EXPECT_NE(drive.size, 8_MiB);
}

TEST_F(ListedDrive, WhatIsNoWholeDiskIsRefusedAtOnce) {
    const LoopImage disk(folder_ / "disk", 8_MiB, PartitionTable::one_primary);
    const auto partition = ListedDrives::open(disk.partition(), {});
    ASSERT_FALSE(partition);
    EXPECT_EQ(partition.error().kind(), ErrorKind::card);
    EXPECT_EQ(partition.error().describe(), disk.partition().native() +
                                                " is a partition; name the whole disk instead: --card " +
                                                disk.node().native());

    const auto file = ListedDrives::open(std::nullopt, {disk.image()});
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind(), ErrorKind::medkit);
    EXPECT_EQ(file.error().describe(),
              disk.image().native() + " is not a block device; name a medkit, or a directory that holds " +
                  "medkits, with --medkit " + disk.image().native());
    const auto image = ListedDrives::open(disk.image(), {});
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().kind(), ErrorKind::card);
    EXPECT_TRUE(image.error().hint().contains("losetup --find --show " + disk.image().native()))
        << image.error().hint();

    const auto missing = ListedDrives::open(std::nullopt, {"/dev/nosuchdisk"});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().describe(), "/dev/nosuchdisk is not there; was it pulled out?");
}

// The stick would be erased.
TEST_F(ListedDrive, TheCardIsNoneOfTheDrives) {
    const LoopImage card(folder_ / "card", 8_MiB);
    const auto link = folder_ / "link";
    std::filesystem::create_symlink(card.node(), link);
    const auto listed = ListedDrives::open(card.node(), {link});
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().kind(), ErrorKind::card);
    EXPECT_TRUE(listed.error().describe().contains("are the same disk")) << listed.error().describe();
}

TEST_F(ListedDrive, NothingIsEverAddedToTheList) {
    auto listed = must(ListedDrives::open(std::nullopt, {}));
    boost::asio::io_context loop;
    std::optional<bool> answer;
    const auto start = Clock::now();
    boost::asio::co_spawn(loop, listed.change_before(start + std::chrono::hours(1)),
                          [&answer](const std::exception_ptr&, bool changed) { answer = changed; });
    loop.run();
    EXPECT_EQ(answer, false);
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace mox::storage
