#include "storage/disk_summary.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mox::storage {
namespace {

DiskSummary disk() {
    const Drive drive{
        .node = "/dev/sdx", .role = DriveRole::card, .model = "Generic SD", .size = {32'000'000'000}};
    return {.drive = drive, .sequence = "17"};
}

Volume partition(int number, std::string filesystem, std::string label = {}) {
    return {.drive = disk().drive,
            .partition = number,
            .node = "/dev/sdx" + std::to_string(number),
            .size = {1'000'000'000},
            .filesystem = std::move(filesystem),
            .uuid = "u" + std::to_string(number),
            .label = std::move(label)};
}

Volume whole(std::string filesystem = {}, std::string error = {}) {
    return {.drive = disk().drive,
            .node = "/dev/sdx",
            .size = disk().drive.size,
            .filesystem = std::move(filesystem),
            .error = std::move(error)};
}

TEST(DiskSummary, TellsPartitionsFileSystemsAndLabels) {
    auto summary = disk();
    summary.volumes = {partition(1, "vfat", "BOOT"), partition(2, ""), partition(5, "crypto_LUKS")};
    EXPECT_EQ(summary.describe(),
              "/dev/sdx (32.0 GB, Generic SD): sdx1 FAT32 \"BOOT\" 1.0 GB, sdx2 without a known file system "
              "1.0 GB, sdx5 LUKS (encrypted) 1.0 GB");
}

TEST(DiskSummary, TellsADiskWithoutPartitions) {
    auto summary = disk();
    summary.volumes = {whole("ext4")};
    EXPECT_EQ(summary.describe(), "/dev/sdx (32.0 GB, Generic SD): ext4");
    summary.volumes = {whole({}, "its partition table is empty")};
    EXPECT_EQ(summary.describe(), "/dev/sdx (32.0 GB, Generic SD): (its partition table is empty)");
    summary.volumes = {whole()};
    summary.drive.model.clear();
    EXPECT_EQ(summary.describe(), "/dev/sdx (32.0 GB): nothing");
}

TEST(DiskSummary, DoesNotLetALabelChangeTheTerminal) {
    auto summary = disk();
    summary.drive.model = "a\x1b[2J";
    summary.volumes = {partition(1, "ext4", "b\x07\n")};
    EXPECT_EQ(summary.describe(), "/dev/sdx (32.0 GB, a?[2J): sdx1 ext4 \"b??\" 1.0 GB");
}

TEST(DiskSummary, IsTheSameOnlyWithTheSameMediumAndContent) {
    const auto with = [](auto change) {
        auto summary = disk();
        summary.volumes = {partition(1, "btrfs", "a"), partition(2, "ext4")};
        change(summary);
        return summary;
    };
    const auto before = with([](auto&) {});
    EXPECT_TRUE(is_same(before, with([](auto&) {})));
    EXPECT_FALSE(is_same(before, with([](auto& summary) { summary.sequence = "18"; })));
    EXPECT_FALSE(is_same(before, with([](auto& summary) { summary.image = "/x"; })));
    EXPECT_FALSE(is_same(before, with([](auto& summary) { summary.drive.size += Bytes{512}; })));
    EXPECT_FALSE(is_same(before, with([](auto& summary) { summary.volumes.pop_back(); })));
    EXPECT_FALSE(is_same(before, with([](auto& summary) { summary.volumes[1].uuid = "other"; })));
    EXPECT_FALSE(is_same(before, with([](auto& summary) { summary.volumes[0].label = "b"; })));
}

}  // namespace
}  // namespace mox::storage
