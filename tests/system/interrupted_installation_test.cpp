#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "modes/interrupted_installation.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

// Each test makes by hand what a power cut leaves after one step of an installation (modes/install.cpp).
namespace mox::modes {
namespace {

using namespace unit_literals;
using storage::Access;
using test_support::must;

class InterruptedInstallation : public ::testing::Test {
protected:
    test_support::TemporaryDirectory folder;
    std::optional<test_support::LoopImage> card;
    std::optional<storage::Mount> mount;

    void SetUp() override {
        card.emplace(folder.path() / "card.img", 256_MiB);
        test_support::format(card->node(), "btrfs");
        mount.emplace(must(storage::mount_card(card->node())));
        make_system("@", "old");
        must(storage::snapshot_subvolume(top(), "@", "@factory", Access::read_only));
        must(storage::snapshot_subvolume(top(), "@", "@7", Access::read_only));
        test_support::write_file(mount->path() / "7.info", "TYPE=\"single\"\n");
    }

    [[nodiscard]] int top() const { return mount->root(); }

    void make_system(const std::string& name, const std::string& version) {
        must(storage::create_subvolume(top(), name));
        test_support::write_file(mount->path() / name / "etc/turris-version", version);
    }

    /// Steps 1 and 2.
    void build_beside() {
        make_system("@reflash.new", "new");
        must(storage::snapshot_subvolume(top(), "@reflash.new", "@reflash.factory", Access::read_only));
        must(write_erase_list(top()));
    }

    [[nodiscard]] std::string version_of(const std::string& name) const {
        return test_support::read_file(mount->path() / name / "etc/turris-version");
    }

    void expect_the_old_system_only() {
        EXPECT_EQ(version_of("@"), "old");
        EXPECT_EQ(version_of("@factory"), "old");
        EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@7", "@factory"}));
        EXPECT_TRUE(std::filesystem::exists(mount->path() / "7.info"));
        EXPECT_FALSE(std::filesystem::exists(mount->path() / erase_list_name));
    }

    void expect_the_new_system_only() {
        EXPECT_EQ(version_of("@"), "new");
        EXPECT_EQ(version_of("@factory"), "new");
        EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@factory"}));
        EXPECT_FALSE(std::filesystem::exists(mount->path() / "7.info"));
        EXPECT_FALSE(std::filesystem::exists(mount->path() / erase_list_name));
    }
};

TEST_F(InterruptedInstallation, ThatNeverBeganIsLeftAlone) {
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::none);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, WhileUnpackingIsUndone) {
    make_system("@reflash.new", "half");
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::undone);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, BeforeTheListWasWrittenIsUndone) {
    build_beside();
    std::filesystem::remove(mount->path() / erase_list_name);
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::undone);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, BeforeTheSwitchIsUndone) {
    build_beside();
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::undone);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, AfterTheSwitchIsFinished) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    expect_the_new_system_only();
}

TEST_F(InterruptedInstallation, AfterTheFactoryWasPublishedIsFinished) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_factory(top()));
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    expect_the_new_system_only();
}

TEST_F(InterruptedInstallation, InTheMiddleOfErasingIsFinished) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_factory(top()));
    must(storage::delete_subvolume(top(), "@7"));
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    EXPECT_EQ(version_of("@"), "new");
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@factory"}));
}

TEST_F(InterruptedInstallation, OnACardWithoutAFactoryIsFinishedToo) {
    must(storage::delete_subvolume(top(), "@factory"));
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    expect_the_new_system_only();
}

TEST_F(InterruptedInstallation, NeverTakesSnapshotsThatTheNewSystemHasMadeSince) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_factory(top()));
    must(storage::snapshot_subvolume(top(), "@", "@8", Access::read_only));
    test_support::write_file(mount->path() / "8.info", "TYPE=\"single\"\n");
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@8", "@factory"}));
    EXPECT_TRUE(std::filesystem::exists(mount->path() / "8.info"));
}

TEST_F(InterruptedInstallation, NeverTakesSnapshotsThatWereMadeSinceEvenAfterARollback) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_factory(top()));
    must(storage::snapshot_subvolume(top(), "@", "@8", Access::read_only));
    must(storage::snapshot_subvolume(top(), "@8", "@rollback.new", Access::writable));
    must(storage::exchange(top(), "@", "@rollback.new"));
    must(storage::delete_subvolume(top(), "@rollback.new"));
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@8", "@factory"}));
}

TEST_F(InterruptedInstallation, OnAnEmptyCardIsFinishedOnceTheRootHasItsName) {
    must(storage::delete_subvolume(top(), "@"));
    must(storage::delete_subvolume(top(), "@7"));
    must(storage::delete_subvolume(top(), "@factory"));
    std::filesystem::remove(mount->path() / "7.info");
    build_beside();
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::undone);
    EXPECT_TRUE(must(storage::subvolumes_in(top())).empty());
    build_beside();
    std::filesystem::rename(mount->path() / "@reflash.new", mount->path() / "@");
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    expect_the_new_system_only();
}

TEST(EraseLists, AreReadAsTheyWereWritten) {
    const EraseList list{256, 257, 18446744073709551615ULL};
    EXPECT_EQ(parse_erase_list(format_erase_list(list)), list);
    EXPECT_TRUE(parse_erase_list("").empty());
}

TEST(EraseLists, ThatAreDamagedEraseLess) {
    EXPECT_EQ(parse_erase_list("256\n25x\n\n-1\n 7\n99999999999999999999999\n258"), (EraseList{256, 258}));
}

TEST_F(InterruptedInstallation, PutRightTwiceIsPutRightOnce) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::finished);
    EXPECT_EQ(must(finish_or_undo_interrupted_installation(top())), Interruption::none);
    expect_the_new_system_only();
}

}  // namespace
}  // namespace mox::modes
