#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "base/child_process.hpp"
#include "snapshots/interrupted.hpp"
#include "snapshots/temporary_names.hpp"
#include "snapshots/top_level.hpp"
#include "storage/subvolume.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/temporary_directory.hpp"

// Modes 2 and 3 through the program, on cards as routers have them.
namespace mox::test_support {
namespace {

using namespace unit_literals;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr Bytes card_size = 512_MiB;

class RollbackModes : public ::testing::Test {
protected:
    TemporaryDirectory folder;
    fs::path image = folder.path() / "card.img";

    /// `change` gets the mounted top level.
    template <typename Change>
    void on_card(Change change) const {
        const LoopImage loop{image};
        const auto volumes = must(storage::volumes_of(loop.as(storage::DriveRole::card)));
        const WritableMount mount(volumes.front().node, "btrfs");
        change(mount);
    }

    void break_system() const {
        on_card([](const WritableMount& card) {
            write_file(card / "@/etc/turris-version", "broken\n");
            fs::remove(card / "@/boot/Image");
        });
    }

    [[nodiscard]] ChildResult run_mode(const std::string& mode,
                                       const std::vector<std::string>& more = {}) const {
        const LoopImage loop{image};
        std::vector<std::string> words{MOX_RESCUE_PROGRAM, "run", mode, "--card", loop.node()};
        words.insert(words.end(), more.begin(), more.end());
        return must(run_child(words, 60s));
    }

    [[nodiscard]] std::string file(const std::string& path) const {
        std::string content;
        on_card([&](const WritableMount& card) {
            content = fs::exists(card / path) ? read_file(card / path) : "(missing)";
        });
        return content;
    }

    /// The mode fails with the LED code for snapshots, says `advice`, and has not touched the card.
    void expect_refusal(const std::string& mode, const std::string& advice) const {
        const auto before = image_digest(image);
        const auto result = run_mode(mode);
        EXPECT_EQ(result.exit_status, 4) << result.output;
        EXPECT_NE(result.output.find(advice), std::string::npos) << result.output;
        EXPECT_EQ(image_digest(image), before);
    }
};

TEST_F(RollbackModes, TwoBringsABrokenSystemBackAndKeepsTheBrokenState) {
    make_card_with_old_system(image, card_size);
    break_system();
    const auto result = run_mode("2");
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(file("@/etc/turris-version").starts_with(old_version));
    EXPECT_NE(file("@/boot/Image"), "(missing)");
    EXPECT_EQ(file("@3/etc/turris-version"), "broken\n");
    EXPECT_NE(file("3.info").find("rollback"), std::string::npos) << file("3.info");
    for (const auto* kept : {"@1/etc/turris-version", "@2/etc/turris-version", "@factory/etc/turris-version"})
        EXPECT_NE(file(kept), "(missing)") << kept;
}

TEST_F(RollbackModes, TwoTwiceGoesOneStepFurtherBack) {
    make_card_with_old_system(image, card_size);
    ASSERT_EQ(run_mode("2").exit_status, 0);
    ASSERT_EQ(run_mode("rollback").exit_status, 0);
    EXPECT_NE(file("4.info").find("ROLL_TO=1"), std::string::npos) << file("4.info");
}

/// The system that mode 2 went back to makes a snapshot of its own, as an update does, before it fails again.
TEST_F(RollbackModes, TwoNeverComesBackToAStateThatItLeft) {
    make_card_with_old_system(image, card_size);
    ASSERT_EQ(run_mode("2").exit_status, 0);
    EXPECT_NE(file("3.info").find("ROLL_TO=2"), std::string::npos) << file("3.info");
    on_card([](const WritableMount& card) {
        must(storage::snapshot_subvolume(card.root(), "@", "@4", storage::Access::read_only));
        write_file(card / "4.info", "TYPE=\"pre\"\n");
    });
    ASSERT_EQ(run_mode("2").exit_status, 0);
    EXPECT_NE(file("5.info").find("ROLL_TO=4"), std::string::npos) << file("5.info");
    ASSERT_EQ(run_mode("2").exit_status, 0);
    EXPECT_NE(file("6.info").find("ROLL_TO=1"), std::string::npos) << file("6.info");
    expect_refusal("2", "hint: mode 3");
}

TEST_F(RollbackModes, ThreeGoesBackToFactoryAndKeepsTheState) {
    make_card_with_old_system(image, card_size);
    on_card([](const WritableMount& card) { write_file(card / "@/etc/shadow", "a lost password\n"); });
    const auto result = run_mode("3");
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_EQ(file("@/etc/shadow"), "(missing)");
    EXPECT_EQ(file("@3/etc/shadow"), "a lost password\n");
    EXPECT_NE(file("3.info").find("factory"), std::string::npos) << file("3.info");
}

TEST_F(RollbackModes, RolledBackSystemCanBeWritten) {
    make_card_with_old_system(image, card_size);
    ASSERT_EQ(run_mode("3").exit_status, 0);
    on_card([](const WritableMount& card) { write_file(card / "@/etc/new", "yes"); });
    EXPECT_EQ(file("@/etc/new"), "yes");
}

TEST_F(RollbackModes, TwoWithoutSnapshotsNeverFallsBackToFactory) {
    make_card_with_old_system(image, card_size);
    on_card([](const WritableMount& card) {
        for (const auto* name : {"@1", "@2"}) must(storage::delete_subvolume(card.root(), name));
        for (const auto* name : {"1.info", "2.info"}) fs::remove(card / name);
    });
    expect_refusal("2", "hint: mode 3");
}

/// An import of other tools that was cut off leaves such snapshots. A system of one would be an empty card.
TEST_F(RollbackModes, TwoPassesOverEmptySnapshots) {
    make_card_with_old_system(image, card_size);
    on_card([](const WritableMount& card) {
        must(storage::create_subvolume(card.root(), "@3"));
        write_file(card / "3.info", "TYPE=\"single\"\n");
    });
    const auto result = run_mode("2");
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_NE(file("4.info").find("ROLL_TO=2"), std::string::npos) << file("4.info");
    EXPECT_TRUE(file("@/etc/turris-version").starts_with(old_version));
}

TEST_F(RollbackModes, TwoOverEmptySnapshotsAloneRefusesAndNoRollbackErasesAny) {
    make_card_with_old_system(image, card_size);
    on_card([](const WritableMount& card) {
        for (const auto* name : {"@1", "@2"}) {
            must(storage::delete_subvolume(card.root(), name));
            must(storage::create_subvolume(card.root(), name));
        }
        write_file(card / "@/etc/mine", "the only system");
    });
    expect_refusal("2", "hint: mode 3");
    ASSERT_EQ(run_mode("3").exit_status, 0);
    EXPECT_EQ(file("@3/etc/mine"), "the only system");
    expect_refusal("2", "hint: mode 3");
    on_card([](const WritableMount& card) {
        for (const auto* kept : {"@", "@1", "@2", "@3", "@factory"})
            EXPECT_TRUE(storage::is_subvolume(card.root(), kept)) << kept;
    });
}

// As other tools leave a card when the power goes between their two renames.
TEST_F(RollbackModes, ACardWithoutARootGetsOne) {
    for (const auto* mode : {"2", "3"}) {
        make_card_with_old_system(image, card_size);
        on_card([](const WritableMount& card) { fs::rename(card / "@", card / "@3"); });
        const auto result = run_mode(mode);
        ASSERT_EQ(result.exit_status, 0) << result.output;
        EXPECT_TRUE(file("@/etc/turris-version").starts_with(old_version)) << mode;
        for (const auto* kept : {"@1/etc/turris-version", "@2/etc/turris-version", "@3/etc/turris-version"})
            EXPECT_NE(file(kept), "(missing)") << kept;
        fs::remove(image);
    }
}

TEST_F(RollbackModes, ThreeToADamagedFactoryChangesNothingAndPointsToMode4) {
    make_card_with_old_system(image, card_size);
    {
        std::uint64_t factory = 0;
        const LoopImage loop{image};
        const auto node = must(storage::volumes_of(loop.as(storage::DriveRole::card))).front().node;
        {
            const WritableMount mount(node, "btrfs");
            factory = must(storage::subvolume_info(mount.root(), "@factory")).id;
        }
        destroy_nodes_of(node, factory);
    }
    const auto result = run_mode("3");
    EXPECT_EQ(result.exit_status, 4) << result.output;
    for (const auto* words : {"@factory", "mode 4", "1 and 2"})
        EXPECT_NE(result.output.find(words), std::string::npos) << words << " in " << result.output;
    EXPECT_NE(file("@/etc/hostname"), "(missing)");
}

TEST_F(RollbackModes, ThreeWithoutAFactorySnapshotPointsToMode4) {
    make_card_with_old_system(image, card_size);
    on_card([](const WritableMount& card) { must(storage::delete_subvolume(card.root(), "@factory")); });
    expect_refusal("3", "mode 4");
}

TEST_F(RollbackModes, OnACardWithoutBtrfsPointToMode4) {
    make_ext4_card(image, card_size);
    expect_refusal("2", "mode 4");
    expect_refusal("3", "mode 4");
}

TEST_F(RollbackModes, OnAnEmptyCardPointToMode4) {
    make_empty_card(image, card_size);
    expect_refusal("2", "mode 4");
}

TEST_F(RollbackModes, DryRunChangesNothing) {
    make_card_with_old_system(image, card_size);
    const auto before = image_digest(image);
    const auto result = run_mode("2", {"--dry-run"});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_NE(result.output.find("rolling back to 2"), std::string::npos) << result.output;
    EXPECT_EQ(image_digest(image), before);
}

TEST_F(RollbackModes, TwoRemovesWhatAnInterruptedReflashLeft) {
    make_card_with_old_system(image, card_size);
    on_card([](const WritableMount& card) {
        must(storage::create_subvolume(card.root(), snapshots::reflash_root_name));
        write_file(card / std::string(snapshots::reflash_root_name) / "half", "x");
    });
    ASSERT_EQ(run_mode("2").exit_status, 0);
    on_card([](const WritableMount& card) {
        EXPECT_FALSE(fs::exists(card / std::string(snapshots::reflash_root_name)));
        EXPECT_TRUE(fs::exists(card / "@1"));
    });
}

// The re-flash was cut off before its switch, and another tool has rolled back since: `@` is in no list, and
// all the same nothing but what was built may go.
TEST_F(RollbackModes, TakeNoSnapshotWhenAnotherToolHasRolledBackAfterAnInterruptedReflash) {
    make_card_with_old_system(image, card_size);
    {
        const LoopImage loop{image};
        const auto node = must(storage::volumes_of(loop.as(storage::DriveRole::card))).front().node;
        const auto top = must(snapshots::TopLevel::on_device(node, snapshots::Purpose::change));
        must(storage::create_subvolume(top.directory(), snapshots::reflash_root_name));
        must(storage::snapshot_subvolume(top.directory(), snapshots::reflash_root_name,
                                         snapshots::reflash_factory_name, storage::Access::read_only));
        must(snapshots::write_reflash_record(top));
        fs::rename(top.path() / "@", top.path() / "@old");
        must(storage::snapshot_subvolume(top.directory(), "@1", "@", storage::Access::writable));
    }
    for (const std::string mode : {"2", "3"}) {
        const auto result = run_mode(mode);
        ASSERT_EQ(result.exit_status, 0) << result.output;
        on_card([](const WritableMount& card) {
            for (const auto* kept : {"@1", "@2", "@old"}) EXPECT_TRUE(fs::exists(card / kept)) << kept;
            EXPECT_TRUE(read_file(card / "@factory/etc/turris-version").starts_with(old_version));
            EXPECT_FALSE(fs::exists(card / std::string(snapshots::reflash_root_name)));
            EXPECT_FALSE(fs::exists(card / std::string(snapshots::reflash_record_name)));
        });
    }
}

// Mounts only with rescue=nologreplay.
TEST_F(RollbackModes, OnACardWhoseLogCannotBeReplayedSayThatItIsDamagedAndPointToMode4) {
    make_damaged_card(image, card_size, Damage::log_tree);
    for (const std::string mode : {"2", "3"}) {
        const auto result = run_mode(mode);
        EXPECT_EQ(result.exit_status, 4) << result.output;
        EXPECT_TRUE(result.output.contains("the file system is damaged")) << result.output;
        EXPECT_TRUE(result.output.contains("mode 4")) << result.output;
    }
}

// Counters of long ago are no reason to refuse.
TEST_F(RollbackModes, WorkOnACardThatHadErrorsLongAgo) {
    make_card_with_old_system(image, card_size);
    count_errors_on_card(image);
    break_system();
    const auto result = run_mode("2");
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains("had 7 corrupt blocks before")) << result.output;
    EXPECT_TRUE(file("@/etc/turris-version").starts_with(old_version));
    EXPECT_EQ(run_mode("3").exit_status, 0);
}

}  // namespace
}  // namespace mox::test_support
