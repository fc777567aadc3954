#include "storage/subvolume.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "storage/mount.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::must;
using test_support::read_file;
using test_support::write_file;

using Names = std::vector<std::string>;

class Subvolumes : public testing::Test {
protected:
    Subvolumes() : disk_(folder_ / "card.img", 256_MiB) {
        test_support::format(disk_.node(), "btrfs");
        card_.emplace(must(mount_card(disk_.node())));
    }

    [[nodiscard]] int top() const { return card_->root(); }
    [[nodiscard]] std::filesystem::path path() const { return card_->path(); }
    [[nodiscard]] UniqueFd open(const std::string& name) const {
        return must(open_file(path() / name, O_RDONLY | O_DIRECTORY, ErrorKind::internal));
    }
    void remount() {
        must(card_->unmount());
        card_.emplace(must(mount_card(disk_.node())));
    }

    test_support::TemporaryDirectory folder_;
    test_support::LoopImage disk_;
    std::optional<Mount> card_;
};

TEST_F(Subvolumes, AreCreatedListedInOrderAndToldFromFolders) {
    must(create_subvolume(top(), "@factory"));
    must(create_subvolume(top(), "@"));
    std::filesystem::create_directory(path() / "@folder");
    write_file(path() / "@file", "x");
    std::filesystem::create_directory_symlink("@", path() / "@link");

    EXPECT_EQ(must(subvolumes_in(top())), (Names{"@", "@factory"}));
    EXPECT_TRUE(is_subvolume(top(), "@"));
    EXPECT_FALSE(is_subvolume(top(), "@folder"));
    EXPECT_FALSE(is_subvolume(top(), "@file"));
    EXPECT_FALSE(is_subvolume(top(), "@link"));
    EXPECT_FALSE(is_subvolume(top(), "@missing"));
}

TEST_F(Subvolumes, ASnapshotHoldsWhatItsSourceHeldAndKnowsIt) {
    must(create_subvolume(top(), "@"));
    write_file(path() / "@/etc/turris-version", "8.0.0\n");
    must(snapshot_subvolume(top(), "@", "@factory", Access::read_only));
    must(snapshot_subvolume(top(), "@", "@copy", Access::writable));
    write_file(path() / "@/etc/turris-version", "9.0.0\n");

    EXPECT_EQ(read_file(path() / "@factory/etc/turris-version"), "8.0.0\n");
    const auto source = must(subvolume_info(top(), "@"));
    const auto factory = must(subvolume_info(top(), "@factory"));
    const auto copy = must(subvolume_info(top(), "@copy"));
    EXPECT_EQ(source.parent_uuid, Uuid{});
    EXPECT_FALSE(source.read_only);
    EXPECT_EQ(factory.parent_uuid, source.uuid);
    EXPECT_TRUE(factory.read_only);
    EXPECT_FALSE(copy.read_only);
    EXPECT_NE(factory.uuid, copy.uuid);
    EXPECT_GE(copy.id, 256U);
    EXPECT_THROW(write_file(path() / "@factory/x", ""), std::runtime_error);
    write_file(path() / "@copy/x", "");
}

TEST_F(Subvolumes, ReadOnlyOnesAreDeleted) {
    must(create_subvolume(top(), "@"));
    write_file(path() / "@/file", "x");
    must(snapshot_subvolume(top(), "@", "@1", Access::read_only));
    must(delete_subvolume(top(), "@1"));
    EXPECT_EQ(must(subvolumes_in(top())), (Names{"@"}));
    EXPECT_FALSE(std::filesystem::exists(path() / "@1"));
}

TEST_F(Subvolumes, AreDeletedWithAllThatAreNestedInThem) {
    must(create_subvolume(top(), "@"));
    std::filesystem::create_directories(path() / "@/srv/lxc");
    must(create_subvolume(open("@/srv/lxc").get(), "one"));
    must(create_subvolume(open("@/srv/lxc/one").get(), "inner"));
    write_file(path() / "@/srv/lxc/one/inner/file", "x");
    must(create_subvolume(open("@").get(), "two"));
    must(delete_subvolume(top(), "@"));
    EXPECT_TRUE(must(subvolumes_in(top())).empty());
    EXPECT_FALSE(std::filesystem::exists(path() / "@"));
}

TEST_F(Subvolumes, AreDeletedWhenReadOnlyOnesAreNestedInReadOnlyOnes) {
    must(create_subvolume(top(), "@"));
    must(create_subvolume(open("@").get(), "outer"));
    must(create_subvolume(open("@/outer").get(), "inner"));
    for (const auto* name : {"@/outer/inner", "@/outer", "@"}) {
        std::uint64_t flags = BTRFS_SUBVOL_RDONLY;
        ASSERT_EQ(::ioctl(open(name).get(), BTRFS_IOC_SUBVOL_SETFLAGS, &flags), 0) << name;
    }
    must(delete_subvolume(top(), "@"));
    EXPECT_TRUE(must(subvolumes_in(top())).empty());
}

TEST_F(Subvolumes, AreExchangedInOneStep) {
    must(create_subvolume(top(), "@"));
    must(create_subvolume(top(), "@reflash.new"));
    write_file(path() / "@/version", "old");
    write_file(path() / "@reflash.new/version", "new");
    must(exchange(top(), "@", "@reflash.new"));
    must(sync_filesystem(top()));
    EXPECT_EQ(read_file(path() / "@/version"), "new");
    EXPECT_EQ(read_file(path() / "@reflash.new/version"), "old");
    remount();
    EXPECT_EQ(read_file(path() / "@/version"), "new");
}

TEST_F(Subvolumes, AreNotExchangedWithNothing) {
    must(create_subvolume(top(), "@"));
    const auto result = exchange(top(), "@", "@reflash.new");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::card);
    EXPECT_EQ(result.error().describe(),
              "exchange of @ and the system of the re-flash: No such file or directory");
    EXPECT_EQ(must(subvolumes_in(top())), (Names{"@"}));
}

TEST_F(Subvolumes, AreNotCreatedOverWhatIsThere) {
    must(create_subvolume(top(), "@"));
    const auto again = create_subvolume(top(), "@");
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().describe().find("File exists"), std::string::npos) << again.error().describe();
    EXPECT_FALSE(snapshot_subvolume(top(), "@", "@", Access::writable));
    EXPECT_EQ(must(subvolumes_in(top())), (Names{"@"}));
}

TEST_F(Subvolumes, NamesThatLeadElsewhereAreRefused) {
    must(create_subvolume(top(), "@"));
    for (const auto* name : {"", ".", "..", "/", "@/x", "../@", "/tmp/x"}) {
        EXPECT_FALSE(create_subvolume(top(), name)) << name;
        EXPECT_FALSE(snapshot_subvolume(top(), "@", name, Access::writable)) << name;
        EXPECT_FALSE(snapshot_subvolume(top(), name, "@new", Access::writable)) << name;
        EXPECT_FALSE(delete_subvolume(top(), name)) << name;
        EXPECT_FALSE(exchange(top(), "@", name)) << name;
        EXPECT_FALSE(exchange(top(), name, "@")) << name;
        EXPECT_FALSE(subvolume_info(top(), name)) << name;
        EXPECT_FALSE(is_subvolume(top(), name)) << name;
    }
    EXPECT_EQ(must(subvolumes_in(top())), (Names{"@"}));
}

TEST_F(Subvolumes, PlainFoldersAreNotDeleted) {
    std::filesystem::create_directory(path() / "folder");
    write_file(path() / "folder/file", "x");
    EXPECT_FALSE(delete_subvolume(top(), "folder"));
    EXPECT_TRUE(std::filesystem::exists(path() / "folder/file"));
}

TEST_F(Subvolumes, WhatWasWrittenIsOnTheDiskAfterSync) {
    must(create_subvolume(top(), "@"));
    write_file(path() / "@/file", "kept");
    must(sync_filesystem(top()));
    // A power cut: the image as it is now, without what an unmount would still write.
    const auto copy = folder_ / "copy.img";
    test_support::copy_sparse(disk_.image(), copy);
    const test_support::LoopImage after_the_cut(copy);
    const Volume volume{
        .drive = after_the_cut.as(DriveRole::usb), .node = after_the_cut.node(), .filesystem = "btrfs"};
    const auto mounted = must(mount_source(volume));
    EXPECT_EQ(read_file(mounted.path() / "@/file"), "kept");
}

}  // namespace
}  // namespace mox::storage
