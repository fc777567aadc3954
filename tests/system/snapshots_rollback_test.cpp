#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "snapshots/changes.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots_card.hpp"

namespace {

using namespace mox;
using namespace mox::snapshots;
using namespace mox::test_support;
using namespace std::chrono_literals;

/// `@` "now", @1 "one", @2 "two".
void make_two_snapshots(const SnapshotsCard& card) {
    const auto writer = card.writer();
    for (const char* version : {"one", "two"}) {
        card.set_version(version);
        must(create_snapshot(writer, SnapshotType::single, version));
    }
    card.set_version("now");
}

bool is_writable(const SnapshotsCard& card, const std::string& subvolume) {
    return !must(storage::subvolume_info(card.top().directory(), subvolume)).read_only;
}

TEST(Rollback, PutsTheTargetInPlaceAndFilesTheOldSystem) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    const auto old_root = card.uuid("@");
    const auto result = must(roll_back(card.writer(), Number{1}));
    EXPECT_EQ(result.saved_as, Number{3});
    EXPECT_EQ(card.version("@"), "one");
    EXPECT_TRUE(is_writable(card, "@"));
    EXPECT_EQ(card.version("@3"), "now");
    EXPECT_EQ(card.uuid("@3"), old_root);
    const auto filed = must(find_snapshot(card.top(), Number{3}));
    EXPECT_EQ(filed.type, SnapshotType::rollback);
    EXPECT_EQ(filed.roll_to, Target(Number{1}));
    EXPECT_EQ(filed.description, "Rollback to snapshot 1");
    EXPECT_EQ(card.names(), "1.info 2.info 3.info @ @1 @2 @3 @factory");
}

TEST(Rollback, ToTheFactoryAndStepByStepBack) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    const auto step = [&] {
        const auto target = one_step_back(must(list_snapshots(card.top())));
        must(roll_back(card.writer(), target));
        return card.version("@");
    };
    EXPECT_EQ(step(), "two");
    EXPECT_EQ(step(), "one");
    EXPECT_EQ(step(), "factory");
    EXPECT_EQ(step(), "factory");
    EXPECT_EQ(card.numbers(), "1 2 3 4 5 6");
}

TEST(Rollback, ToAMissingOrDamagedTargetChangesNothingAndSaysWhatThereIs) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    std::filesystem::create_symlink("/", card / "@7");
    must(storage::create_subvolume(card.top().directory(), "@8"));
    for (const std::uint32_t number : {9U, 7U, 8U}) {
        const auto result = roll_back(card.writer(), Number{number});
        ASSERT_FALSE(result) << number;
        EXPECT_EQ(result.error().kind(), ErrorKind::snapshot);
        EXPECT_NE(result.error().describe().find("1, 2"), std::string::npos) << result.error().describe();
    }
    must(storage::delete_subvolume(card.top().directory(), "@factory"));
    const auto factory = roll_back(card.writer(), Factory{});
    ASSERT_FALSE(factory);
    EXPECT_EQ(factory.error().kind(), ErrorKind::snapshot);
    EXPECT_EQ(card.version("@"), "now");
    EXPECT_EQ(card.names(), "1.info 2.info @ @1 @2 @7 @8");
}

TEST(Rollback, LeavesNestedSubvolumesWithTheOldSystem) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    const int root = ::open((card / "@").c_str(), O_RDONLY | O_DIRECTORY);
    must(storage::create_subvolume(root, "srv"));
    ::close(root);
    write_file(card / "@/srv/photo", "beach");
    must(create_snapshot(card.writer(), SnapshotType::single, ""));
    must(roll_back(card.writer(), Number{3}));
    EXPECT_EQ(read_file(card / "@4/srv/photo"), "beach");
    EXPECT_TRUE(std::filesystem::is_empty(card / "@/srv"));
}

TEST(Rollback, GivesARootToACardThatHasNone) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    // As other tools leave a card when the power goes between their two steps.
    ASSERT_EQ(::rename((card / "@").c_str(), (card / "@3").c_str()), 0);
    const auto result = must(roll_back(card.writer(), Number{2}));
    EXPECT_FALSE(result.saved_as);
    EXPECT_EQ(card.version("@"), "two");
    EXPECT_EQ(card.names(), "1.info 2.info @ @1 @2 @3 @factory");
}

// What a power cut leaves behind, made step by step.

RollbackJournal begin_rollback(const SnapshotsCard& card) {
    const RollbackJournal journal{.target = Number{1}, .old_root = card.uuid("@"), .created = created_now()};
    write_file(card / "rollback.journal", format_journal(journal));
    return journal;
}

void build_new_root(const SnapshotsCard& card) {
    must(storage::snapshot_subvolume(card.top().directory(), "@1", "@rollback.new",
                                     storage::Access::writable));
}

TEST(InterruptedRollback, BeforeTheNewRootIsForgotten) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    begin_rollback(card);
    EXPECT_TRUE(card.writer().repairs().empty());
    EXPECT_EQ(card.names(), "1.info 2.info @ @1 @2 @factory");
}

TEST(InterruptedRollback, BeforeTheExchangeIsUndone) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    begin_rollback(card);
    build_new_root(card);
    EXPECT_EQ(card.writer().repairs().size(), 1U);
    EXPECT_EQ(card.version("@"), "now");
    EXPECT_EQ(card.names(), "1.info 2.info @ @1 @2 @factory");
}

TEST(InterruptedRollback, AfterTheExchangeIsCompleted) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    begin_rollback(card);
    build_new_root(card);
    must(storage::exchange(card.top().directory(), "@", "@rollback.new"));
    EXPECT_FALSE(card.writer().repairs().empty());
    EXPECT_EQ(card.version("@"), "one");
    EXPECT_EQ(card.version("@3"), "now");
    EXPECT_EQ(must(find_snapshot(card.top(), Number{3})).roll_to, Target(Number{1}));
    EXPECT_EQ(card.names(), "1.info 2.info 3.info @ @1 @2 @3 @factory");
}

TEST(InterruptedRollback, AfterTheInfoFileOrTheRenameIsCompletedOnce) {
    for (const bool renamed : {false, true}) {
        const SnapshotsCard card;
        make_two_snapshots(card);
        begin_rollback(card);
        build_new_root(card);
        must(storage::exchange(card.top().directory(), "@", "@rollback.new"));
        write_file(card / "3.info", "TYPE=\"rollback\"\nROLL_TO=1\n");
        if (renamed) {
            ASSERT_EQ(::rename((card / "@rollback.new").c_str(), (card / "@3").c_str()), 0);
        }
        EXPECT_NE(card.writer().directory(), -1);
        EXPECT_EQ(card.version("@3"), "now");
        EXPECT_EQ(must(find_snapshot(card.top(), Number{3})).roll_to, Target(Number{1}));
        EXPECT_EQ(card.names(), "1.info 2.info 3.info @ @1 @2 @3 @factory");
    }
}

TEST(InterruptedRollback, WithoutItsJournalThrowsNothingAway) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    build_new_root(card);
    write_file(card / "rollback.journal", "\xff garbage");
    const auto left_behind = card.uuid("@rollback.new");
    EXPECT_FALSE(card.writer().repairs().empty());
    EXPECT_EQ(card.uuid("@3"), left_behind);
    EXPECT_EQ(must(find_snapshot(card.top(), Number{3})).type, SnapshotType::rollback);
    EXPECT_EQ(card.names(), "1.info 2.info 3.info @ @1 @2 @3 @factory");
}

TEST(InterruptedRollback, ReadersSeeNoTraceOfIt) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    begin_rollback(card);
    build_new_root(card);
    EXPECT_EQ(card.numbers(), "1 2");
}

TEST(InterruptedChanges, AreCleanedUpAndOthersAreLeftAlone) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    const int top = card.top().directory();
    must(storage::snapshot_subvolume(top, "@", "@create.new", storage::Access::read_only));
    must(storage::snapshot_subvolume(top, "@", "@reflash.new", storage::Access::writable));
    write_file(card / "3.info", "TYPE=single\n");
    write_file(card / "4.info.new", "TYPE=sin");
    write_file(card / "notes.info", "somebody's");
    ASSERT_EQ(::rename((card / "@2").c_str(), (card / "@delete.2").c_str()), 0);
    EXPECT_EQ(card.writer().repairs().size(), 3U);
    EXPECT_EQ(card.names(), "1.info @ @1 @factory notes.info");
}

void write_hook(const SnapshotsCard& card, const std::string& name, const std::string& text) {
    const auto path = card.outside("hooks") / name;
    write_file(path, "#!/bin/sh\n" + text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

TEST(Hooks, WorkOnTheNewRootAndCannotBreakTheRollback) {
    const SnapshotsCard card;
    make_two_snapshots(card);
    write_hook(card, "10-keep", "cp \"$(readlink -f \"$1\")/etc/version\" \"$1/etc/seen\"; echo seen $#\n");
    write_hook(card, "20-fails", "exit 7\n");
    write_hook(card, "30-hangs", "exec sleep 600\n");
    write_hook(card, "40-last", "echo last > \"$1/etc/last\"\n");
    write_file(card.outside("hooks") / "README", "not executable");

    std::string log;
    const HookSettings hooks{.directory = card.outside("hooks"),
                             .time_limit = 5s,
                             .log = [&](const std::string& line) { log += line + "\n"; }};
    const auto start = std::chrono::steady_clock::now();
    must(roll_back(card.writer(), Number{1}, hooks));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 60s);
    EXPECT_EQ(read_file(card / "@/etc/seen"), "one");
    EXPECT_EQ(read_file(card / "@/etc/last"), "last\n");
    EXPECT_FALSE(std::filesystem::exists(card / "@1/etc/seen"));
    EXPECT_TRUE(std::filesystem::exists(card / "@3/etc/version"));  // what was @ before
    EXPECT_FALSE(std::filesystem::exists(card / "@3/etc/seen"));
    EXPECT_NE(log.find("10-keep: seen 1\n"), std::string::npos) << log;
    EXPECT_NE(log.find("20-fails failed with status 7"), std::string::npos) << log;
    EXPECT_NE(log.find("warning: hook 30-hangs"), std::string::npos) << log;
    EXPECT_EQ(read_file("/proc/self/mounts").find(card.node().native() + " "), std::string::npos);
}

TEST(Savepoint, RollsBackWhenItsTimeIsOverUnlessCommitted) {
    const SnapshotsCard card;
    const BootTime start{.boot_id = "aa", .since_boot = 100s};
    auto pending = must(start_savepoint(card.writer(), 10min, start));
    EXPECT_EQ(pending.snapshot, Number{1});
    card.set_version("locked out");
    EXPECT_FALSE(must(roll_back_if_due(card.writer(), {"aa", 699s})));
    EXPECT_FALSE(delete_snapshot(card.writer(), Number{1}));
    const auto result = must(roll_back_if_due(card.writer(), {"aa", 700s}));
    ASSERT_TRUE(result);
    EXPECT_EQ(card.version("@"), "now");
    EXPECT_EQ(card.version("@2"), "locked out");
    EXPECT_FALSE(must(roll_back_if_due(card.writer(), {"aa", 9999s})));

    pending = must(start_savepoint(card.writer(), 10min, start));
    EXPECT_EQ(card.numbers(), "2 3") << "a new savepoint replaces the old one";
    EXPECT_EQ(must(commit_savepoints(card.writer())), std::vector{Number{3}});
    EXPECT_FALSE(must(roll_back_if_due(card.writer(), {"aa", 9999s})));
    EXPECT_EQ(card.names(), "2.info @ @2 @factory");
}

TEST(Savepoint, IsOverWithAnyRollback) {
    const SnapshotsCard card;
    must(start_savepoint(card.writer(), 1min, {"aa", 0s}));
    must(roll_back(card.writer(), Factory{}));
    EXPECT_FALSE(must(pending_savepoint(card.top())));
    EXPECT_FALSE(must(roll_back_if_due(card.writer(), {"aa", 9999s})));
}

}  // namespace
