#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "snapshots/changes.hpp"
#include "snapshots/quota.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots/space_reclaimer.hpp"
#include "snapshots_card.hpp"

namespace {

using namespace mox;
using namespace mox::snapshots;
using namespace mox::test_support;
using namespace std::chrono_literals;

TEST(Create, MakesReadOnlySnapshotsWithTheNextNumber) {
    const SnapshotsCard card;
    const auto writer = card.writer();
    const auto first = must(create_snapshot(writer, SnapshotType::single, "before \"lunch\""));
    EXPECT_EQ(first.number, Number{1});
    EXPECT_EQ(first.description, "before _lunch_");
    EXPECT_EQ(first.created.size(), std::string("2026-11-22 15:24:44 +0000").size());
    card.set_version("later");
    EXPECT_EQ(must(create_snapshot(writer, SnapshotType::pre, "")).number, Number{2});
    EXPECT_EQ(card.version("@1"), "now");
    EXPECT_EQ(card.version("@2"), "later");
    EXPECT_TRUE(must(storage::subvolume_info(card.top().directory(), "@1")).read_only);
    EXPECT_EQ(card.names(), "1.info 2.info @ @1 @2 @factory");
}

TEST(Create, NumbersAreNotGivenAgainBelowTheHighest) {
    const SnapshotsCard card;
    const auto writer = card.writer();
    for (int i = 0; i < 3; ++i) must(create_snapshot(writer, SnapshotType::single, ""));
    must(delete_snapshot(writer, Number{1}));
    EXPECT_EQ(must(create_snapshot(writer, SnapshotType::single, "")).number, Number{4});
    must(delete_snapshot(writer, Number{4}));
    EXPECT_EQ(must(create_snapshot(writer, SnapshotType::single, "")).number, Number{4});
    EXPECT_EQ(card.numbers(), "2 3 4");
}

TEST(Create, WithoutARootSaysWhatIsWrong) {
    const SnapshotsCard card;
    must(storage::delete_subvolume(card.top().directory(), "@"));
    const auto result = create_snapshot(card.writer(), SnapshotType::single, "");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::snapshot);
    EXPECT_EQ(card.names(), "@factory");
}

TEST(Modify, ChangesOnlyWhatIsAskedForAndKeepsUnknownLines) {
    const SnapshotsCard card;
    must(storage::snapshot_subvolume(card.top().directory(), "@", "@3", storage::Access::writable));
    write_file(card / "3.info",
               "TYPE=\"rollback\"\nROLL_TO=1\nCREATED=\"2020-01-02 03:04:05 +0100\"\nNOTE=mine\n");
    const auto changed = must(modify_snapshot(card.writer(), Number{3}, {.type = {}, .description = "new"}));
    EXPECT_EQ(changed.type, SnapshotType::rollback);
    EXPECT_EQ(read_file(card / "3.info"),
              "TYPE=\"rollback\"\nDESCRIPTION=\"new\"\nROLL_TO=1\nCREATED=\"2020-01-02 03:04:05 "
              "+0100\"\nNOTE='mine'\n");
    const auto missing = modify_snapshot(card.writer(), Number{9}, {});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().describe(), "there is no snapshot 9; there are snapshots 3 and factory");
}

TEST(Delete, TakesInfoFileAlongAndNestedSubvolumesOnlyWhenTold) {
    const SnapshotsCard card;
    const int top = card.top().directory();
    must(storage::snapshot_subvolume(top, "@", "@5", storage::Access::writable));
    const int inner = ::open((card / "@5").c_str(), O_RDONLY | O_DIRECTORY);
    must(storage::create_subvolume(inner, "data"));
    ::close(inner);
    write_file(card / "5.info", "TYPE=single\n");
    const auto refused = delete_snapshot(card.writer(), Number{5});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::snapshot);
    EXPECT_EQ(card.names(), "5.info @ @5 @factory");
    must(delete_snapshot(card.writer(), Number{5}, Nested::remove));
    EXPECT_EQ(card.names(), "@ @factory");
    const auto again = delete_snapshot(card.writer(), Number{5});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind(), ErrorKind::snapshot);
    EXPECT_EQ(again.error().describe(), "there is no snapshot 5; there are only factory");
}

TEST(CleanUp, KeepsTheNewestAndNeverDeletesSomebodysNestedData) {
    const SnapshotsCard card;
    const auto writer = card.writer();
    for (int i = 0; i < 3; ++i) must(create_snapshot(writer, SnapshotType::time, ""));
    must(storage::snapshot_subvolume(card.top().directory(), "@", "@4", storage::Access::writable));
    const int inner = ::open((card / "@4").c_str(), O_RDONLY | O_DIRECTORY);
    must(storage::create_subvolume(inner, "photos"));
    ::close(inner);
    write_file(card / "4.info", "TYPE=time\n");
    for (int i = 0; i < 2; ++i) must(create_snapshot(writer, SnapshotType::time, ""));

    const auto results = must(clean_up(writer, {.single = {}, .time = 1, .updater = {}, .rollback = {}}));
    EXPECT_EQ(card.numbers(), "4 6");
    ASSERT_EQ(results.size(), 5U);
    EXPECT_EQ(results[3].snapshot.number, Number{4});
    EXPECT_NE(results[3].kept_because.find("photos"), std::string::npos) << results[3].kept_because;
}

/// A full card is no reason to delete what lives in a snapshot.
TEST(SpaceReclaimer, PassesOverSnapshotsThatHoldSubvolumesAndSaysSo) {
    const SnapshotsCard card;
    const auto writer = card.writer();
    const int top = card.top().directory();
    for (const std::string number : {"1", "2"}) {
        must(storage::snapshot_subvolume(top, "@", "@" + number, storage::Access::writable));
        write_file(card / (number + ".info"), "TYPE=\"time\"\n");
    }
    const UniqueFd first(::open((card / "@1").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    must(storage::create_subvolume(first.get(), "srv"));

    std::string told;
    SpaceReclaimer reclaimer(card.top(), std::nullopt, [&](const std::string& line) { told += line + "\n"; });
    const Error full(ErrorKind::card, "x", ENOSPC);
    while (must(reclaimer.free_more(full))) {
    }
    EXPECT_EQ(card.numbers(), "1");
    EXPECT_TRUE(std::filesystem::exists(card / "@1/srv"));
    EXPECT_TRUE(told.contains("kept: snapshot 1 holds a subvolume of its own (srv)")) << told;
    EXPECT_TRUE(told.contains("deleting snapshot 2 (type time)")) << told;
}

TEST(Listing, ShowsHostileEntriesAsDamagedAndFollowsNothing) {
    const SnapshotsCard card;
    const auto secret = card.outside("secret");
    write_file(secret / "etc/version", "TYPE=save");
    std::filesystem::create_symlink(secret, card / "@1");
    std::filesystem::create_directory(card / "@2");
    write_file(card / "@3", "a file");
    const int top = card.top().directory();
    for (const char* name : {"@4", "@5", "@6", "@7"})
        must(storage::snapshot_subvolume(top, "@", name, storage::Access::read_only));
    std::filesystem::create_symlink(secret / "etc/version", card / "4.info");
    write_file(card / "5.info", std::string(1 << 20, 'x'));
    ASSERT_EQ(::mkfifo((card / "6.info").c_str(), 0644), 0);
    write_file(card / "7.info",
               "TYPE=\"$(touch " + card.outside("owned").native() + ")\"\nDESCRIPTION=\"\x1b[2J\"\n");

    const auto all = must(list_snapshots(card.top()));
    ASSERT_EQ(all.size(), 7U);
    EXPECT_NE(all[0].damage.find("symbolic link"), std::string::npos);
    EXPECT_NE(all[1].damage.find("ordinary directory"), std::string::npos);
    EXPECT_NE(all[2].damage.find("file"), std::string::npos);
    for (std::size_t i = 3; i < 7; ++i) {
        EXPECT_TRUE(all[i].usable()) << i;
        EXPECT_EQ(all[i].type, SnapshotType::single) << i;
        EXPECT_NE(all[i].info_warning, "") << i;
        EXPECT_NE(all[i].created, "") << i;
    }
    EXPECT_FALSE(std::filesystem::exists(card.outside("owned")));

    // Deleting removes the link, not what it points to; what is not understood stays.
    const auto writer = card.writer();
    must(delete_snapshot(writer, Number{1}));
    must(delete_snapshot(writer, Number{3}));
    EXPECT_FALSE(delete_snapshot(writer, Number{2}));
    EXPECT_EQ(read_file(secret / "etc/version"), "TYPE=save");
    EXPECT_EQ(card.numbers(), "2 4 5 6 7");
    // An info file that is a link is replaced, not written through.
    must(modify_snapshot(writer, Number{4}, {.type = SnapshotType::pre, .description = {}}));
    EXPECT_EQ(read_file(secret / "etc/version"), "TYPE=save");
    EXPECT_EQ(must(find_snapshot(card.top(), Number{4})).type, SnapshotType::pre);
}

TEST(Listing, OfAHundredSnapshotsTakesLessThanFiftyMilliseconds) {
    const SnapshotsCard card;
    const auto writer = card.writer();
    const int top = card.top().directory();
    for (std::uint32_t i = 1; i <= 100; ++i) {
        must(storage::snapshot_subvolume(top, "@", "@" + std::to_string(i), storage::Access::read_only));
        write_file(card / (std::to_string(i) + ".info"),
                   "TYPE=\"time\"\nDESCRIPTION=\"x\"\nCREATED=\"2026\"\n");
    }
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        ASSERT_EQ(must(list_snapshots(card.top())).size(), 100U);
        best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
    }
    EXPECT_LT(best, 50ms) << best.count();
}

TEST(TopLevel, IsReadWhileOthersWriteAndLeavesNothingMounted) {
    const SnapshotsCard card;
    const auto writer = card.writer();
    const auto reader = must(TopLevel::on_device(card.node(), Purpose::read));
    must(create_snapshot(writer, SnapshotType::single, ""));
    EXPECT_EQ(must(list_snapshots(reader)).size(), 1U);
    EXPECT_EQ(::mkdirat(reader.directory(), "no", 0755), -1);
    EXPECT_EQ(errno, EROFS);
    EXPECT_EQ(read_file("/proc/self/mounts").find(card.node().native() + " "), std::string::npos);
}

TEST(TopLevel, AWriterComesAfterAReader) {
    TemporaryDirectory folder;
    const LoopImage loop(folder / "card.img", Bytes{256ULL << 20});
    format(loop.node(), "btrfs");
    const auto reader = must(TopLevel::on_device(loop.node(), Purpose::read));
    auto writer = TopLevel::on_device(loop.node(), Purpose::change);
    ASSERT_TRUE(writer) << writer.error().describe();
    EXPECT_EQ(::mkdirat(writer->directory(), "yes", 0755), 0);
}

TEST(TopLevel, IsFoundFromAPathInsideTheFileSystem) {
    const SnapshotsCard card;
    const auto found = must(TopLevel::at(card / "@/etc", Purpose::read));
    EXPECT_EQ(found.device(), card.node());
    EXPECT_TRUE(has_factory(found));
}

TEST(TopLevel, SaysWhenThereIsNoBtrfs) {
    TemporaryDirectory folder;
    const LoopImage loop(folder / "card.img", Bytes{64ULL << 20});
    format(loop.node(), "ext4");
    const auto other = TopLevel::on_device(loop.node(), Purpose::read);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind(), ErrorKind::snapshot);
    EXPECT_NE(other.error().describe().find("ext4"), std::string::npos);
    const auto proc = TopLevel::at("/proc", Purpose::read);
    ASSERT_FALSE(proc);
    EXPECT_EQ(proc.error().kind(), ErrorKind::snapshot);
}

TEST(CardLock, MakesASecondWriterWaitAndSayBusy) {
    const SnapshotsCard card;
    const auto other_mount = must(TopLevel::on_device(card.node(), Purpose::change));
    std::optional<Writer> first(card.writer());
    int told = 0;
    const auto busy = Writer::begin(other_mount, {.on_wait = [&] { ++told; }, .limit = 150ms});
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().kind(), ErrorKind::snapshot);
    EXPECT_NE(busy.error().describe().find("busy"), std::string::npos);
    EXPECT_EQ(told, 1);
    first.reset();
    EXPECT_TRUE(Writer::begin(other_mount, {.on_wait = [&] { ++told; }, .limit = 150ms}));
    EXPECT_EQ(told, 1);
}

TEST(Quota, IsOffUntilAskedForAndThenShowsSizes) {
    const SnapshotsCard card;
    const auto writer = card.writer();
    must(create_snapshot(writer, SnapshotType::single, ""));
    EXPECT_EQ(must(quota_state(card.top())), QuotaState::off);
    EXPECT_TRUE(must(snapshot_sizes(card.top())).empty());
    must(switch_quota(card.top(), QuotaSwitch::on));
    must(switch_quota(card.top(), QuotaSwitch::on));
    EXPECT_NE(must(quota_state(card.top())), QuotaState::off);
    EXPECT_TRUE(must(snapshot_sizes(card.top())).contains(Number{1}));
    must(switch_quota(card.top(), QuotaSwitch::off));
    must(switch_quota(card.top(), QuotaSwitch::off));
    EXPECT_EQ(must(quota_state(card.top())), QuotaState::off);
}

}  // namespace
