#include <gtest/gtest.h>

#include "snapshots/quota.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/savepoint.hpp"

namespace {

using namespace mox::snapshots;
using namespace mox::unit_literals;
using namespace std::chrono_literals;
using mox::storage::Uuid;

constexpr Uuid old_root{1, 2, 3, 0xab, 0xff};
constexpr Uuid copy{9, 9};
constexpr Uuid stranger{7};

RollbackJournal journal_of(const Target& target = Number{3}) {
    return {.target = target, .old_root = old_root, .created = "2026-11-22 15:24:44 +0000"};
}

TEST(RollbackJournal, IsReadBackAsItWasWritten) {
    for (const Target& target : {Target(Number{3}), Target(Factory{})}) {
        const auto again = parse_journal(format_journal(journal_of(target)));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->target, target);
        EXPECT_EQ(again->old_root, old_root);
        EXPECT_EQ(again->created, "2026-11-22 15:24:44 +0000");
    }
    auto rootless = journal_of();
    rootless.old_root.reset();
    const auto again = parse_journal(format_journal(rootless));
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->old_root);
}

TEST(RollbackJournal, CutOffAnywhereItIsNoneOrStillSaysTheSame) {
    const auto text = format_journal(journal_of());
    for (std::size_t length = 0; length < text.size(); ++length) {
        const auto cut = parse_journal(std::string_view(text).substr(0, length));
        if (cut) {
            EXPECT_EQ(cut->old_root, old_root) << length;
        }
    }
    EXPECT_FALSE(parse_journal(""));
    EXPECT_FALSE(parse_journal("TYPE=rollback\nROLL_TO=3\nOLD_ROOT=xyz\n"));
}

TEST(RollbackJournal, TellsOnWhichSideOfTheExchangeACardIs) {
    const auto journal = journal_of();
    EXPECT_EQ(plan_rollback_repair(journal, old_root, std::nullopt), RollbackRepair::nothing_to_do);
    EXPECT_EQ(plan_rollback_repair(journal, old_root, copy), RollbackRepair::undo);
    EXPECT_EQ(plan_rollback_repair(journal, copy, old_root), RollbackRepair::archive_old_root);
    EXPECT_EQ(plan_rollback_repair(journal, copy, std::nullopt), RollbackRepair::nothing_to_do);
}

TEST(RollbackJournal, NothingIsThrownAwayWhenItDoesNotFit) {
    EXPECT_EQ(plan_rollback_repair(journal_of(), stranger, copy), RollbackRepair::keep_unknown);
    EXPECT_EQ(plan_rollback_repair(std::nullopt, old_root, copy), RollbackRepair::keep_unknown);
    EXPECT_EQ(plan_rollback_repair(std::nullopt, std::nullopt, copy), RollbackRepair::keep_unknown);
    EXPECT_EQ(plan_rollback_repair(journal_of(), std::nullopt, copy), RollbackRepair::keep_unknown);
}

TEST(RollbackJournal, OnACardWithoutRootTheNewOneBecomesIt) {
    auto journal = journal_of();
    journal.old_root.reset();
    EXPECT_EQ(plan_rollback_repair(journal, std::nullopt, copy), RollbackRepair::activate_new_root);
    EXPECT_EQ(plan_rollback_repair(journal, stranger, copy), RollbackRepair::keep_unknown);
}

PendingSavepoint pending_of_boot(const char* boot_id) {
    return {.snapshot = {7}, .time_to_commit = 10min, .started = {.boot_id = boot_id, .since_boot = 1h}};
}

TEST(Savepoint, IsDueWhenItsTimeIsOver) {
    const auto pending = pending_of_boot("aa-11");
    EXPECT_EQ(time_left(pending, {"aa-11", 1h}), 10min);
    EXPECT_EQ(time_left(pending, {"aa-11", 1h + 10min}), 0s);
    EXPECT_LT(time_left(pending, {"aa-11", 2h}), 0s);
}

TEST(Savepoint, RunsTheFullTimeAgainAfterAReboot) {
    const auto pending = pending_of_boot("aa-11");
    EXPECT_EQ(time_left(pending, {"bb-22", 20s}), 9min + 40s);
    EXPECT_EQ(time_left(pending, {"bb-22", 10min}), 0s);
}

TEST(Savepoint, IsReadBackAsItWasWritten) {
    const auto again = parse_savepoint(format_savepoint(pending_of_boot("0f1e-22")));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->snapshot, Number{7});
    EXPECT_EQ(again->time_to_commit, 10min);
    EXPECT_EQ(again->started.boot_id, "0f1e-22");
    EXPECT_EQ(again->started.since_boot, 1h);
}

TEST(Savepoint, GarbageIsNone) {
    for (const char* text : {"", "SNAPSHOT=3", "SNAPSHOT=3\nMINUTES=-1\nBOOT_ID=aa\nSINCE_BOOT=1",
                             "SNAPSHOT=3\nMINUTES=99999999\nBOOT_ID=aa\nSINCE_BOOT=1",
                             "SNAPSHOT=3\nMINUTES=1\nBOOT_ID='$(reboot)'\nSINCE_BOOT=1"})
        EXPECT_FALSE(parse_savepoint(text)) << text;
}

TEST(SizeColumn, LooksAsItAlwaysDid) {
    EXPECT_EQ(size_text(16_KiB), "16.00KiB");
    EXPECT_EQ(size_text(0_B), "0.00B");
    EXPECT_EQ(size_text(1536_KiB), "1.50MiB");
    EXPECT_EQ(size_text(3_GiB), "3.00GiB");
}

}  // namespace
