// Modes 2 and 3, and schnapps, on cards without room: made full by real writes, changed by the real programs.
// MOX_SOAK_SECONDS=N goes through more combinations, in random order; MOX_SEED=N repeats one.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <optional>
#include <random>
#include <string>

#include "base/child_process.hpp"
#include "schnapps_run.hpp"
#include "snapshots/quota.hpp"
#include "snapshots/top_level.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/subvolume.hpp"
#include "support/full_card.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/seeds.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;

/// What may be deleted to make room.
bool is_automatic(const std::string& system) {
    return system.ends_with(" time") || system.ends_with(" pre") || system.ends_with(" post");
}

class OnAFullCard : public testing::Test {
protected:
    /// A card of its own for each case.
    void make(const FullCard& how) {
        loop_.reset();
        const auto image = folder_ / ("card" + std::to_string(++cards_) + ".img");
        loop_.emplace(image, how.size, PartitionTable::one_primary);
        std::filesystem::remove(image);  // the loop device has it open
        make_full_card(loop_->partition(), how);
        before_ = content_of(loop_->partition());
    }

    [[nodiscard]] Said run_mode(const std::string& mode) const {
        return run_apart({MOX_RESCUE_PROGRAM, "run", mode, "--card", loop_->node()});
    }
    [[nodiscard]] Said run_schnapps(std::vector<std::string> arguments) const {
        return schnapps(loop_->partition().native(), std::move(arguments));
    }

    /// `@` is the target, the state before is a snapshot, what the user made is there, and all that is not
    /// there any more was named.
    void expect_rolled_back(const Said& said, const std::string& target) const {
        ASSERT_EQ(said.status, 0) << testing::PrintToString(said);
        const auto after = content_of(loop_->partition());
        EXPECT_EQ(after.at("@"), target);
        EXPECT_EQ(std::ranges::count(after, "now rollback", &CardContent::value_type::second), 1)
            << testing::PrintToString(after) << testing::PrintToString(said);
        for (const auto& [name, system] : before_) {
            if (name == "@" || (after.contains(name) && after.at(name) == system)) continue;
            EXPECT_FALSE(after.contains(name)) << name << " is another one now";
            EXPECT_TRUE(is_automatic(system)) << name << " was deleted: " << system;
            EXPECT_NE((said.out + said.err).find("snapshot " + name.substr(1) + " "), std::string::npos)
                << name << " is not named: " << testing::PrintToString(said);
        }
        EXPECT_TRUE(target == "factory" || after.contains("@" + target));
    }

    [[nodiscard]] Bytes used() const {
        const WritableMount mount(loop_->partition(), "btrfs");
        must(storage::wait_for_freed_space(mount.root()));
        return must(storage::btrfs_space(mount.root())).used;
    }

    void expect_less_used_after(std::vector<std::string> arguments) const {
        const auto before = used();
        const auto said = run_schnapps(std::move(arguments));
        EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
        EXPECT_LT(used(), before) << testing::PrintToString(said);
    }

    void roll_back(const FullCard& how, const std::string& mode) {
        SCOPED_TRACE(to_text(how) + ", mode " + mode);
        make(how);
        const auto start = std::chrono::steady_clock::now();
        const auto said = run_mode(mode);
        expect_rolled_back(said, mode == "3" ? "factory" : std::to_string(how.snapshots));
        std::cout << to_text(how) << ", mode " << mode << ": "
                  << before_.size() + 1 - content_of(loop_->partition()).size() << " snapshots deleted, "
                  << std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                           start)
                         .count()
                  << " ms\n";
        run({"btrfs", "check", "--readonly", loop_->partition().native()});
    }

    /// On a card that has no room for metadata, and none that can be made: what the message says helps.
    void roll_back_as_told(const FullCard& how, const std::string& mode) {
        SCOPED_TRACE(to_text(how) + ", mode " + mode);
        make(how);
        const auto target = mode == "3" ? "factory" : std::to_string(how.snapshots);
        const auto said = run_mode(mode);
        if (said.status == 0) return expect_rolled_back(said, target);
        EXPECT_EQ(said.status, 3);
        for (const auto* words : {"`schnapps delete N`", "directories with many small", "mode 4"})
            EXPECT_NE(said.err.find(words), std::string::npos) << words << testing::PrintToString(said);
        const auto after = content_of(loop_->partition());
        for (const auto& [name, system] : before_)
            EXPECT_TRUE(after.contains(name) || is_automatic(system)) << name << " was deleted: " << system;
        EXPECT_EQ(after.at("@"), "now");
        before_ = after;
        {
            const WritableMount mount(loop_->partition(), "btrfs");
            std::filesystem::remove_all(mount / "@/srv/many");
        }
        expect_rolled_back(run_mode(mode), target);
    }

    RamFolder folder_;
    int cards_ = 0;
    std::optional<LoopImage> loop_;
    CardContent before_;
};

// Nothing need be deleted: a rollback is metadata only.
TEST_F(OnAFullCard, FullOfDataNothingIsLost) {
    for (const auto* mode : {"2", "3"}) {
        roll_back({.only_by_hand = true}, mode);
        EXPECT_EQ(content_of(loop_->partition()).size(), before_.size() + 1);
    }
}

TEST_F(OnAFullCard, FullOfDataWithManySnapshotsQuotaAndCompression) {
    roll_back({.size = 512_MiB, .snapshots = 64, .quota = true, .compressed = true}, "2");
}

TEST_F(OnAFullCard, MixedBlockGroups) {
    roll_back({.snapshots = 15, .mixed = true}, "2");
    roll_back({.snapshots = 64, .quota = true, .mixed = true}, "3");
}

// Too little room for metadata, with some for data: the data can be moved together, and metadata gets the
// place. No snapshot need be deleted.
TEST_F(OnAFullCard, ShortOfMetadataTheDataMakesRoom) {
    for (const FullCard& how : {FullCard{.filled = FilledWith::metadata},
                                FullCard{.snapshots = 64, .filled = FilledWith::metadata, .quota = true}}) {
        SCOPED_TRACE(to_text(how));
        make(how);
        give_metadata_back(WritableMount(loop_->partition(), "btrfs") / "@/srv", 8_MiB);
        const auto said = run_mode("3");
        expect_rolled_back(said, "factory");
        EXPECT_NE(said.err.find("balancing data"), std::string::npos) << testing::PrintToString(said);
        EXPECT_EQ(content_of(loop_->partition()).size(), before_.size() + 1);
        run({"btrfs", "check", "--readonly", loop_->partition().native()});
    }
}

// Snapshots that share nearly all with the system: the rollback works, or the message says what to do, and
// then it works.
TEST_F(OnAFullCard, FullOfMetadataWhatIsSaidHelps) {
    roll_back_as_told({.filled = FilledWith::both, .only_by_hand = true}, "2");
    roll_back_as_told({.snapshots = 64, .filled = FilledWith::metadata, .quota = true}, "3");
}

TEST_F(OnAFullCard, DeleteAndCleanupAlwaysFreeSpace) {
    for (const auto filled : {FilledWith::data, FilledWith::both}) {
        make({.snapshots = 12, .filled = filled});
        SCOPED_TRACE(static_cast<int>(filled));
        expect_less_used_after({"delete", "4", "9"});
        for (const auto* name : {"@4", "@9"})
            EXPECT_FALSE(content_of(loop_->partition()).contains(name)) << name;
        // Of each type the default limits keep more than there are.
        const auto kept = run_schnapps({"cleanup"});
        EXPECT_EQ(kept.status, 0) << testing::PrintToString(kept);
        expect_less_used_after({"delete", "-t", "rollback"});
        const WritableMount mount(loop_->partition(), "btrfs");
        EXPECT_FALSE(std::filesystem::exists(mount / "9.info"));
        EXPECT_TRUE(std::filesystem::exists(mount / "@12"));
    }
}

TEST_F(OnAFullCard, CreateSaysWhatIsFull) {
    make({.filled = FilledWith::data});
    const auto said = run_schnapps({"create"});
    EXPECT_EQ(said.status, 3);
    EXPECT_NE(said.err.find("full of data"), std::string::npos) << testing::PrintToString(said);
    EXPECT_NE(said.err.find("`schnapps delete N`"), std::string::npos) << testing::PrintToString(said);
    EXPECT_EQ(content_of(loop_->partition()), before_);
}

// A card whose quota group is full takes no change at all, not even a deletion.
TEST_F(OnAFullCard, ALimitOfAQuotaGroupIsLiftedAndSetAgain) {
    for (const bool parent : {false, true}) {
        make({.quota = true});
        const auto limits = [&] {
            const WritableMount mount(loop_->partition(), "btrfs");
            return must(run_child({"btrfs", "qgroup", "show", "-re", mount.path().native()}, 60s)).output;
        };
        {
            const WritableMount mount(loop_->partition(), "btrfs");
            const auto path = mount.path().native();
            if (parent) {
                run({"btrfs", "qgroup", "create", "1/0", path});
                run({"btrfs", "qgroup", "assign", "0/5", "1/0", path});
            }
            run({"btrfs", "qgroup", "limit", "16K", parent ? "1/0" : "0/5", path});
        }
        EXPECT_NE(limits().find("16.00KiB"), std::string::npos);
        const auto deleted = run_schnapps({"delete", "1"});
        ASSERT_EQ(deleted.status, 0) << testing::PrintToString(deleted);
        before_ = content_of(loop_->partition());
        expect_rolled_back(run_mode("2"), "5");
        EXPECT_EQ(content_of(loop_->partition()).size(), before_.size() + 1);
        const auto after = limits();
        EXPECT_NE(after.find("  16.00KiB           none"), std::string::npos) << after;
    }
}

// As a power cut or SIGKILL leaves it: the next command that changes something sets the limit again.
TEST_F(OnAFullCard, ALimitThatACutOffCommandHasLiftedIsSetAgain) {
    make({.quota = true});
    const auto set = [&](const std::string& limit) {
        const WritableMount mount(loop_->partition(), "btrfs");
        run({"btrfs", "qgroup", "limit", limit, "0/5", mount.path().native()});
    };
    const auto limits = [&] {
        return must(snapshots::limits_of_changes(
            must(snapshots::TopLevel::on_device(loop_->partition(), snapshots::Purpose::read))));
    };
    const auto lift_and_end = [&] {
        const auto child = ::fork();
        if (child == 0) {
            const auto top = snapshots::TopLevel::on_device(loop_->partition(), snapshots::Purpose::change);
            const auto lifted = snapshots::LiftedQuotaLimits::lift(*top);
            const auto synced = storage::sync_filesystem(top->directory());
            ::_exit(lifted && synced ? 0 : 1);
        }
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    };
    set("16K");
    lift_and_end();
    EXPECT_TRUE(limits().empty());
    const auto said = run_schnapps({"modify", "1", "-d", "another"});
    EXPECT_NE(said.err.find("the limit of quota group 0/5 is set again"), std::string::npos)
        << testing::PrintToString(said);
    ASSERT_EQ(limits().size(), 1U);
    EXPECT_EQ(limits().front().referenced, 16_KiB);

    // What the user has set since then counts.
    lift_and_end();
    set("32K");
    EXPECT_EQ(run_schnapps({"delete", "1"}).status, 0);
    ASSERT_EQ(limits().size(), 1U);
    EXPECT_EQ(limits().front().referenced, 32_KiB);
}

// The info file of a state that was kept on a card without a free block is a link until there is one.
TEST_F(OnAFullCard, WhatWasWrittenAsALinkBecomesAFileWhenThereIsRoom) {
    make({.only_by_hand = true});
    expect_rolled_back(run_mode("2"), "5");
    const auto is_link = [&] {
        const WritableMount mount(loop_->partition(), "btrfs");
        return std::filesystem::is_symlink(mount / "6.info");
    };
    EXPECT_TRUE(is_link());
    EXPECT_NE(run_schnapps({"list"}).out.find("Rollback to snapshot 5"), std::string::npos);
    {
        const WritableMount mount(loop_->partition(), "btrfs");
        std::filesystem::resize_file(mount / "@6/srv/fill", 1 << 20);
    }
    ASSERT_EQ(run_schnapps({"modify", "1", "-d", "with room"}).status, 0);
    EXPECT_FALSE(is_link());
    const WritableMount mount(loop_->partition(), "btrfs");
    EXPECT_NE(read_file(mount / "6.info").find("Rollback to snapshot 5"), std::string::npos);
}

TEST_F(OnAFullCard, ManyMoreCombinations) {
    if (!soak_time()) GTEST_SKIP() << "MOX_SOAK_SECONDS=N for N seconds";
    std::mt19937_64 random(test_seed());
    const auto pick = [&](unsigned below) {
        return std::uniform_int_distribution<unsigned>(0, below - 1)(random);
    };
    const SoakClock clock(std::chrono::seconds(0));
    unsigned count = 0;
    for (; !clock.is_over() && !HasFailure(); ++count) {
        const FullCard how{.size = Bytes{256 + 256 * pick(4)} * (1U << 20U),
                           .snapshots = std::array{5U, 15U, 64U}.at(pick(3)),
                           .filled = static_cast<FilledWith>(pick(3)),
                           .quota = pick(2) == 0,
                           .compressed = pick(2) == 0,
                           .mixed = pick(4) == 0};
        const std::string mode = pick(2) == 0 ? "2" : "3";
        if (how.filled == FilledWith::data)
            roll_back(how, mode);
        else
            roll_back_as_told(how, mode);
        if (HasFailure()) std::cout << to_text(how) << ", mode " << mode << "\n";
    }
    std::cout << count << " cards\n";
}

}  // namespace
}  // namespace mox::test_support
