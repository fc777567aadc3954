#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "snapshots/interrupted.hpp"
#include "snapshots/temporary_names.hpp"
#include "snapshots/top_level.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

// Each test makes by hand what a power cut leaves after one step of an installation (update/install.cpp).
namespace mox::snapshots {
namespace {

using namespace unit_literals;
using storage::Access;
using test_support::must;

class InterruptedInstallation : public ::testing::Test {
protected:
    test_support::TemporaryDirectory folder;
    std::optional<test_support::LoopImage> card;
    std::optional<TopLevel> mount;

    void SetUp() override {
        card.emplace(folder.path() / "card.img", 256_MiB);
        test_support::format(card->node(), "btrfs");
        mount.emplace(must(TopLevel::on_device(card->node(), Purpose::change)));
        make_system("@", "old");
        must(storage::snapshot_subvolume(top(), "@", "@factory", Access::read_only));
        must(storage::snapshot_subvolume(top(), "@", "@7", Access::read_only));
        test_support::write_file(mount->path() / "7.info", "TYPE=\"single\"\n");
    }

    [[nodiscard]] int top() const { return mount->directory(); }

    void make_system(const std::string& name, const std::string& version) {
        must(storage::create_subvolume(top(), name));
        test_support::write_file(mount->path() / name / "etc/turris-version", version);
    }

    /// Steps 1 and 2.
    void build_beside() {
        make_system("@reflash.new", "new");
        must(storage::snapshot_subvolume(top(), "@reflash.new", "@reflash.factory", Access::read_only));
        must(write_reflash_record(*mount));
    }

    [[nodiscard]] ReflashOutcome settle() const { return must(recover_interrupted_reflash(*mount)).outcome; }

    void roll_back_by_hand(const std::string& target, const std::string& saved_as) {
        std::filesystem::rename(mount->path() / "@", mount->path() / saved_as);
        must(storage::snapshot_subvolume(top(), target, "@", Access::writable));
    }

    [[nodiscard]] std::string version_of(const std::string& name) const {
        return test_support::read_file(mount->path() / name / "etc/turris-version");
    }

    void expect_the_old_system_only() {
        EXPECT_EQ(version_of("@"), "old");
        EXPECT_EQ(version_of("@factory"), "old");
        EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@7", "@factory"}));
        EXPECT_TRUE(std::filesystem::exists(mount->path() / "7.info"));
        EXPECT_FALSE(std::filesystem::exists(mount->path() / std::string(reflash_record_name)));
    }

    void expect_the_new_system_only() {
        EXPECT_EQ(version_of("@"), "new");
        EXPECT_EQ(version_of("@factory"), "new");
        EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@factory"}));
        EXPECT_FALSE(std::filesystem::exists(mount->path() / "7.info"));
        EXPECT_FALSE(std::filesystem::exists(mount->path() / std::string(reflash_record_name)));
    }
};

TEST_F(InterruptedInstallation, ThatNeverBeganIsLeftAlone) {
    EXPECT_EQ(settle(), ReflashOutcome::none);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, WhileUnpackingIsUndone) {
    make_system("@reflash.new", "half");
    EXPECT_EQ(settle(), ReflashOutcome::undone);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, BeforeTheListWasWrittenIsUndone) {
    build_beside();
    std::filesystem::remove(mount->path() / std::string(reflash_record_name));
    EXPECT_EQ(settle(), ReflashOutcome::undone);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, BeforeTheSwitchIsUndone) {
    build_beside();
    EXPECT_EQ(settle(), ReflashOutcome::undone);
    expect_the_old_system_only();
}

TEST_F(InterruptedInstallation, AfterTheSwitchIsFinished) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    expect_the_new_system_only();
}

TEST_F(InterruptedInstallation, AfterTheFactoryWasPublishedIsFinished) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_new_factory(top()));
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    expect_the_new_system_only();
}

TEST_F(InterruptedInstallation, InTheMiddleOfErasingIsFinished) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_new_factory(top()));
    must(storage::delete_subvolume(top(), "@7"));
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    EXPECT_EQ(version_of("@"), "new");
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@factory"}));
}

TEST_F(InterruptedInstallation, OnACardWithoutAFactoryIsFinishedToo) {
    must(storage::delete_subvolume(top(), "@factory"));
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    expect_the_new_system_only();
}

TEST_F(InterruptedInstallation, NeverTakesSnapshotsThatTheNewSystemHasMadeSince) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_new_factory(top()));
    must(storage::snapshot_subvolume(top(), "@", "@8", Access::read_only));
    test_support::write_file(mount->path() / "8.info", "TYPE=\"single\"\n");
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@8", "@factory"}));
    EXPECT_TRUE(std::filesystem::exists(mount->path() / "8.info"));
}

TEST_F(InterruptedInstallation, NeverTakesSnapshotsThatWereMadeSinceEvenAfterARollback) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(publish_new_factory(top()));
    must(storage::snapshot_subvolume(top(), "@", "@8", Access::read_only));
    must(storage::snapshot_subvolume(top(), "@8", "@rollback.new", Access::writable));
    must(storage::exchange(top(), "@", "@rollback.new"));
    must(storage::delete_subvolume(top(), "@rollback.new"));
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@8", "@factory"}));
}

TEST_F(InterruptedInstallation, OnAnEmptyCardIsFinishedOnceTheRootHasItsName) {
    must(storage::delete_subvolume(top(), "@"));
    must(storage::delete_subvolume(top(), "@7"));
    must(storage::delete_subvolume(top(), "@factory"));
    std::filesystem::remove(mount->path() / "7.info");
    build_beside();
    EXPECT_EQ(settle(), ReflashOutcome::undone);
    EXPECT_TRUE(must(storage::subvolumes_in(top())).empty());
    build_beside();
    std::filesystem::rename(mount->path() / "@reflash.new", mount->path() / "@");
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    expect_the_new_system_only();
}

TEST_F(InterruptedInstallation, WithATornListIsUndone) {
    for (const std::string text : {"", "re-flash 2\nnew-root 2", "256\n257\n258\n"}) {
        build_beside();
        test_support::write_file(mount->path() / std::string(reflash_record_name), text);
        EXPECT_EQ(settle(), ReflashOutcome::undone);
        expect_the_old_system_only();
    }
}

// By a tool that knows nothing of us, as in the field: the old root becomes a snapshot.
TEST_F(InterruptedInstallation, BeforeTheSwitchIsUndoneAfterARollbackByAnotherTool) {
    build_beside();
    roll_back_by_hand("@7", "@9");
    EXPECT_EQ(settle(), ReflashOutcome::undone);
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@7", "@9", "@factory"}));
    EXPECT_EQ(version_of("@factory"), "old");
    EXPECT_TRUE(std::filesystem::exists(mount->path() / "7.info"));
}

TEST_F(InterruptedInstallation, AfterTheSwitchIsGivenUpAfterARollbackToTheOldSystem) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    roll_back_by_hand("@7", "@9");
    EXPECT_EQ(settle(), ReflashOutcome::abandoned);
    EXPECT_EQ(must(storage::subvolumes_in(top())),
              (std::vector<std::string>{"@", "@10", "@7", "@9", "@factory"}));
    EXPECT_EQ(version_of("@factory"), "old");
    EXPECT_EQ(version_of("@9"), "new");
    EXPECT_EQ(version_of("@10"), "old") << "the root that the re-flash has replaced";
    EXPECT_EQ(settle(), ReflashOutcome::none);
}

// What is called x7 is not snapshot 7: its info file stays.
TEST_F(InterruptedInstallation, TakesNoInfoFileOfAnotherSnapshot) {
    must(storage::create_subvolume(top(), "x8"));
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    must(storage::snapshot_subvolume(top(), "@", "@8", Access::read_only));
    test_support::write_file(mount->path() / "8.info", "TYPE=\"single\"\n");
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    EXPECT_TRUE(std::filesystem::exists(mount->path() / "8.info"));
    EXPECT_EQ(must(storage::subvolumes_in(top())), (std::vector<std::string>{"@", "@8", "@factory"}));
}

TEST_F(InterruptedInstallation, PutRightTwiceIsPutRightOnce) {
    build_beside();
    must(storage::exchange(top(), "@", "@reflash.new"));
    EXPECT_EQ(settle(), ReflashOutcome::finished);
    EXPECT_EQ(settle(), ReflashOutcome::none);
    expect_the_new_system_only();
}

}  // namespace
}  // namespace mox::snapshots
