// The program schnapps on a real btrfs, as users and scripts call it: every command that changes or looks at
// snapshots, what it prints where, and its exit status.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "schnapps_run.hpp"
#include "snapshots_card.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

class Schnapps : public testing::Test {
protected:
    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    void expect_error(const std::vector<std::string>& arguments, int status, const std::string& part) const {
        const auto said = run(arguments);
        EXPECT_EQ(said.status, status) << testing::PrintToString(said);
        EXPECT_EQ(said.out, "");
        EXPECT_TRUE(said.err.contains(part)) << testing::PrintToString(said);
    }

    SnapshotsCard card_;
};

TEST_F(Schnapps, CreatePrintsTheNumberInTheWordsThatTheWebInterfaceMatches) {
    const auto said = run({"create", "-t", "single", "before the experiment"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "Snapshot number 1 created\n");
    EXPECT_EQ(said.err, "");
    EXPECT_TRUE(read_file(card_ / "1.info").contains("DESCRIPTION=\"before the experiment\""));
}

TEST_F(Schnapps, CreateWithNPrintsTheNumberAlone) {
    EXPECT_EQ(run({"create", "-n"}).out, "1\n");
    EXPECT_EQ(run({"create", "-n", "-t", "pre", "Automatic pre-update snapshot (7.0.1)"}).out, "2\n");
    const auto info = read_file(card_ / "2.info");
    EXPECT_TRUE(info.contains("TYPE=\"pre\"")) << info;
    EXPECT_TRUE(info.contains("Automatic pre-update snapshot (7.0.1)")) << info;
}

TEST_F(Schnapps, ADescriptionOfSeveralWordsNeedsNoQuotes) {
    ASSERT_EQ(run({"create", "version", "list", "and", "more"}).status, 0);
    EXPECT_TRUE(read_file(card_ / "1.info").contains("DESCRIPTION=\"version list and more\""))
        << read_file(card_ / "1.info");
}

TEST_F(Schnapps, AListIsMadeForAwk) {
    for (int i = 0; i < 3; ++i) ASSERT_EQ(run({"create"}).status, 0);
    write_file(card_.outside("list"), run({"list"}).out);
    const auto numbers = run_apart({"awk", "NR > 2 { print $1 }", card_.outside("list").native()});
    EXPECT_EQ(numbers.out, "1\n2\n3\n");
}

TEST_F(Schnapps, ListSaysWhatTheSystemWasReflashedFrom) {
    EXPECT_FALSE(run({"list"}).err.contains("the system was")) << run({"list"}).err;
    write_file(card_ / "@/etc/schnapps/installed",
               "re-flashed by the rescue system on 2026-11-28 from x.tar.gz\n");
    const auto said = run({"list"});
    EXPECT_EQ(said.status, 0);
    EXPECT_TRUE(
        said.err.contains("the system was re-flashed by the rescue system on 2026-11-28 from x.tar.gz\n"))
        << said.err;
    EXPECT_FALSE(run({"list", "-j"}).err.contains("the system was"));
}

TEST_F(Schnapps, ModifyChangesTypeAndDescriptionAndNothingElse) {
    ASSERT_EQ(run({"create", "old words"}).status, 0);
    const auto before = read_file(card_ / "1.info");
    const auto said = run({"modify", "1", "-t", "time", "-d", "new words"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "");
    const auto after = read_file(card_ / "1.info");
    EXPECT_TRUE(after.contains("TYPE=\"time\"")) << after;
    EXPECT_TRUE(after.contains("DESCRIPTION=\"new words\"")) << after;
    const auto created = before.substr(before.find("CREATED="));
    EXPECT_TRUE(after.contains(created)) << after;
}

TEST_F(Schnapps, DeleteTakesSeveralNumbersAndGoesOnBehindOneThatIsMissing) {
    for (int i = 0; i < 4; ++i) ASSERT_EQ(run({"create"}).status, 0);
    const auto said = run({"delete", "1", "77", "3"});
    EXPECT_EQ(said.status, 4);
    EXPECT_EQ(said.out, "");
    EXPECT_TRUE(said.err.contains("there is no snapshot 77; there are snapshots")) << said.err;
    EXPECT_EQ(card_.numbers(), "2 4");
}

TEST_F(Schnapps, DeleteByTypeDeletesOnlyThatType) {
    ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    ASSERT_EQ(run({"create", "-t", "pre"}).status, 0);
    ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    EXPECT_EQ(run({"delete", "-t", "time"}).status, 0);
    EXPECT_EQ(card_.numbers(), "2");
}

TEST_F(Schnapps, CleanupKeepsWhatTheConfigurationOfTheSystemSays) {
    write_file(card_ / "@/etc/config/schnapps", "config keep 'keep'\n\toption max_time '2'\n");
    for (int i = 0; i < 4; ++i) ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    ASSERT_EQ(run({"create"}).status, 0);
    const auto said = run({"cleanup"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "");
    EXPECT_EQ(card_.numbers(), "3 4 5");
}

TEST_F(Schnapps, CleanupWithCompareDeletesSnapshotsInWhichNothingChanged) {
    for (int i = 0; i < 3; ++i) ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    write_file(card_ / "@/etc/new", "something");
    for (int i = 0; i < 2; ++i) ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    ASSERT_EQ(run({"create", "made by hand"}).status, 0);
    EXPECT_EQ(run({"cleanup", "--compare"}).status, 0);
    EXPECT_EQ(card_.numbers(), "3 6") << "the last of each group";
}

/// Snapshot 1, and as number 2 the system before a rollback to it: with somebody's data in a subvolume of its
/// own, which no other snapshot holds.
class SchnappsWithData : public Schnapps {
protected:
    SchnappsWithData() {
        const UniqueFd system(::open((card_ / "@").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        must(storage::create_subvolume(system.get(), "srv"));
        write_file(card_ / "@/srv/photo", "the only one");
        EXPECT_EQ(run({"create", "-t", "time"}).status, 0);
        EXPECT_EQ(run({"rollback", "1"}).status, 0);
    }

    void expect_kept(const Said& said) const {
        EXPECT_EQ(said.status, 0);
        EXPECT_TRUE(said.err.contains("kept: snapshot 2 holds a subvolume of its own (srv)")) << said.err;
        EXPECT_EQ(read_file(card_ / "@2/srv/photo"), "the only one");
        EXPECT_TRUE(fs::exists(card_ / "2.info"));
    }
};

TEST_F(SchnappsWithData, CleanupKeepsWhatIsBeyondTheLimit) {
    write_file(card_ / "@/etc/config/schnapps", "config keep 'keep'\n\toption max_rollback '0'\n");
    expect_kept(run({"cleanup"}));
}

TEST_F(SchnappsWithData, CleanupWithCompareKeepsWhatIsElseTheSame) {
    ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    expect_kept(run({"cleanup", "--compare"}));
}

TEST_F(SchnappsWithData, DeletedByHandItGoes) {
    EXPECT_EQ(run({"delete", "2"}).status, 4);
    EXPECT_EQ(run({"delete", "--nested", "2"}).status, 0);
    EXPECT_EQ(card_.numbers(), "1");
    EXPECT_FALSE(fs::exists(card_ / "@2"));
}

TEST_F(Schnapps, RollbackGoesToANumberAndKeepsTheStateBefore) {
    ASSERT_EQ(run({"create"}).status, 0);
    card_.set_version("broken");
    const auto said = run({"rollback", "1"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "");
    EXPECT_TRUE(said.err.contains("current state saved as snapshot number 2")) << said.err;
    EXPECT_EQ(card_.version("@"), "now");
    EXPECT_EQ(card_.version("@2"), "broken");
}

TEST_F(Schnapps, RollbackGoesOneStepBackAndThenToTheFactory) {
    ASSERT_EQ(run({"create"}).status, 0);
    card_.set_version("broken");
    ASSERT_EQ(run({"rollback"}).status, 0);
    EXPECT_EQ(card_.version("@"), "now");
    ASSERT_EQ(run({"rollback"}).status, 0);
    EXPECT_EQ(card_.version("@"), "factory");
    ASSERT_EQ(run({"rollback", "factory"}).status, 0);
    EXPECT_EQ(card_.version("@"), "factory");
}

/// Shell versions unpack an import right into its place, and a power cut leaves an empty snapshot.
TEST_F(Schnapps, RollbackPassesOverWhatAnInterruptedImportOfOthersLeft) {
    ASSERT_EQ(run({"create"}).status, 0);
    must(storage::create_subvolume(card_.top().directory(), "@2"));
    card_.set_version("broken");
    const auto said = run({"rollback"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(card_.version("@"), "now");
    EXPECT_TRUE(read_file(card_ / "3.info").contains("ROLL_TO=1")) << read_file(card_ / "3.info");
}

TEST_F(Schnapps, CmpMarksPathsBehindALegend) {
    write_file(card_ / "@/etc/gone", "x");
    ASSERT_EQ(run({"create"}).status, 0);
    fs::remove(card_ / "@/etc/gone");
    write_file(card_ / "@/etc/new", "x");
    card_.set_version("other");
    const auto said = run({"cmp"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    const auto lines = said.out.substr(said.out.find('\n') + 1);
    EXPECT_EQ(lines, " - /etc/gone\n + /etc/new\n ~ /etc/version\n") << said.out;
    EXPECT_EQ(run({"cmp", "@", "1", "/etc/new"}).out.substr(said.out.find('\n') + 1), " - /etc/new\n");
    const auto factory = run({"cmp", "factory", "1", "etc/version"});
    EXPECT_TRUE(factory.out.ends_with(" ~ /etc/version\n")) << testing::PrintToString(factory);
}

TEST_F(Schnapps, DiffIsUnifiedAndWithoutColoursInAFile) {
    ASSERT_EQ(run({"create"}).status, 0);
    card_.set_version("other");
    const auto said = run({"diff", "1"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_TRUE(said.out.contains("--- @1/etc/version\n+++ @/etc/version\n")) << said.out;
    EXPECT_TRUE(said.out.contains("-now\n")) << said.out;
    EXPECT_TRUE(said.out.contains("+other\n")) << said.out;
    EXPECT_FALSE(said.out.contains('\x1b')) << said.out;
}

TEST_F(Schnapps, QuotasAreOffUntilTheUserSwitchesThemOn) {
    ASSERT_EQ(run({"create"}).status, 0);
    ASSERT_EQ(run({"list"}).status, 0);
    ASSERT_EQ(run({"cleanup"}).status, 0);
    EXPECT_EQ(run({"quota", "status"}).out, "off\n");
    EXPECT_NE(run({"quota", "on"}).out, "off\n");
    EXPECT_TRUE(run({"list"}).out.contains("iB | 20")) << run({"list"}).out;
    EXPECT_EQ(run({"quota", "off"}).out, "off\n");
}

TEST_F(Schnapps, FactoryVersionIsMadeForCut) {
    must(storage::snapshot_subvolume(card_.top().directory(), "@factory", "@factory.next",
                                     storage::Access::writable));
    write_file(card_ / "@factory.next/etc/turris-version", "7.2.3\n");
    must(storage::exchange(card_.top().directory(), "@factory", "@factory.next"));
    const auto said = run({"factory-version"});
    EXPECT_EQ(said.out, "7.2.3\n");
    EXPECT_EQ(said.err, "");
}

TEST_F(Schnapps, ADirectoryOnTheFileSystemIsAsGoodAsTheDevice) {
    const auto said = schnapps((card_ / "@").native() + "/", {"create", "-n"});
    EXPECT_EQ(said.out, "1\n") << testing::PrintToString(said);
}

TEST_F(Schnapps, JsonSaysWhatWasDone) {
    EXPECT_TRUE(run({"create", "--json"}).out.contains("\"number\": 1,"));
    EXPECT_TRUE(run({"--json", "rollback", "1"}).out.contains("\"saved_as\": 2"));
    EXPECT_TRUE(run({"delete", "2", "--json"}).out.contains("\"deleted\": [\n    2\n  ]"));
    EXPECT_TRUE(run({"quota", "status", "--json"}).out.contains("\"quota\": \"off\""));
    EXPECT_TRUE(run({"cmp", "--json"}).out.contains("\"changes\": []"));
}

TEST_F(Schnapps, WrongCommandLinesChangeNothingAndEndWith64) {
    ASSERT_EQ(run({"create"}).status, 0);
    const std::vector<std::vector<std::string>> wrong{{},
                                                      {"frobnicate"},
                                                      {"create", "-t", "holiday"},
                                                      {"create", "--frob"},
                                                      {"modify", "1"},
                                                      {"modify", "one", "-d", "x"},
                                                      {"delete"},
                                                      {"delete", "1; reboot"},
                                                      {"delete", "007"},
                                                      {"delete", "1", "-t", "single"},
                                                      {"rollback", "factroy"},
                                                      {"savepoint", "0"},
                                                      {"savepoint", "soon"},
                                                      {"cmp", "1", "@", "etc", "more"},
                                                      {"quota"},
                                                      {"quota", "maybe"},
                                                      {"mount"},
                                                      {"export"},
                                                      {"export", "-c", "1", "/tmp"},
                                                      {"import"},
                                                      {"list", "-j", "-c"}};
    for (const auto& arguments : wrong) {
        SCOPED_TRACE(testing::PrintToString(arguments));
        expect_error(arguments, 64, "schnapps: ");
    }
    EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
}

TEST_F(Schnapps, WhatIsMissingIsToldWithWhatThereIs) {
    ASSERT_EQ(run({"create"}).status, 0);
    expect_error({"rollback", "9"}, 4, "there is no snapshot 9; there are snapshots 1 and factory");
    expect_error({"modify", "9", "-d", "x"}, 4, "there is no snapshot 9");
    expect_error({"cmp", "9"}, 4, "there is no snapshot 9");
    expect_error({"diff", "1", "9"}, 4, "there is no snapshot 9");
    expect_error({"mount", "9"}, 4, "there is no snapshot 9");
    expect_error({"export", "9", "/tmp"}, 4, "there is no snapshot 9");
}

TEST_F(Schnapps, WhatIsNoBtrfsIsTold) {
    const LoopImage other(card_.outside("other.img"), Bytes{16ULL << 20});
    format(other.node(), "ext4");
    const auto said = schnapps(other.node().native(), {"list"});
    EXPECT_EQ(said.status, 4);
    EXPECT_TRUE(said.err.contains("ext4, not Btrfs")) << said.err;
    EXPECT_EQ(said.out, "");
    EXPECT_EQ(schnapps("/proc", {"create"}).status, 4);
    EXPECT_EQ(schnapps("/no/such/place", {"list"}).status, 4);
}

TEST_F(Schnapps, WhoIsNotRootIsToldSo) {
    const auto as_nobody = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"setpriv", "--reuid", "65534", "--regid", "65534",
                                             "--clear-groups", SCHNAPPS_PROGRAM});
        return run_apart(arguments);
    };
    for (const std::string command : {"list", "create", "rollback", "cleanup", "commit", "factory-version"}) {
        const auto said = as_nobody({"-d", card_.node().native(), command});
        EXPECT_EQ(said.status, 4) << testing::PrintToString(said);
        EXPECT_EQ(said.err,
                  "schnapps: only root can work with snapshots\nschnapps: hint: try again as root\n");
        EXPECT_EQ(said.out, "");
    }
    EXPECT_EQ(as_nobody({"help"}).status, 0);
    EXPECT_EQ(as_nobody({"version"}).status, 0);
    EXPECT_EQ(card_.names(), "@ @factory");
}

TEST_F(Schnapps, AWriterWaitsForAnotherOneAndSaysSo) {
    auto writer = std::make_unique<snapshots::Writer>(card_.writer());
    const auto output = card_.outside("output").native();
    // `list` does not wait; `create` does, so it is still there after the list has ended.
    pid_t waiting = ::fork();
    if (waiting == 0) {
        const UniqueFd file(::open(output.c_str(), O_WRONLY | O_CREAT, 0600));
        ::dup2(file.get(), STDERR_FILENO);
        ::execl(SCHNAPPS_PROGRAM, "schnapps", "-d", card_.node().c_str(), "create", nullptr);
        ::_exit(127);
    }
    EXPECT_EQ(run({"list"}).status, 0);
    while (!fs::exists(output) || read_file(output).empty()) ::usleep(10'000);
    EXPECT_EQ(read_file(output), "schnapps: waiting for another schnapps to finish\n");
    EXPECT_EQ(card_.names(), "@ @factory");
    writer.reset();
    int status = 0;
    ASSERT_EQ(::waitpid(waiting, &status, 0), waiting);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(card_.numbers(), "1");
}

TEST_F(Schnapps, WhatAnInterruptedCallLeftBehindIsRepairedAndTold) {
    const int top = card_.top().directory();
    must(storage::snapshot_subvolume(top, "@", "@create.new", storage::Access::read_only));
    must(storage::snapshot_subvolume(top, "@", "@backup.1", storage::Access::read_only));
    const auto said = run({"create", "-n"});
    EXPECT_EQ(said.out, "1\n");
    EXPECT_TRUE(said.err.contains("was removed")) << said.err;
    EXPECT_TRUE(said.err.contains("@backup.1")) << said.err;
    EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
}

TEST_F(Schnapps, HooksOfTheGivenRootRunWithThePathOfTheNewOneAndCannotBreakTheRollback) {
    const auto root = card_ / "@";
    const auto hook = [&](const std::string& name, const std::string& text) {
        write_file(root / "etc/schnapps/rollback.d" / name, "#!/bin/sh\n" + text);
        fs::permissions(root / "etc/schnapps/rollback.d" / name, fs::perms::owner_all);
    };
    ASSERT_EQ(run({"create"}).status, 0);
    hook("10-note", "echo \"path $1\"; cat \"$1/etc/version\" > \"$1/etc/seen\"\n");
    hook("20-broken", "exit 7\n");
    card_.set_version("broken");
    const auto said = schnapps(root.native(), {"rollback", "1"});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    EXPECT_EQ(said.out, "");
    EXPECT_TRUE(said.err.contains("10-note: path /")) << said.err;
    EXPECT_TRUE(said.err.contains("hook 20-broken failed with status 7")) << said.err;
    EXPECT_EQ(read_file(card_ / "@/etc/seen"), "now");
}

}  // namespace
}  // namespace mox::test_support
