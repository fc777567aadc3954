// schnapps on a real btrfs: mount and unmount, ranges, what a cleanup would do, and the factory state in the
// list.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

class SchnappsMountDelete : public testing::Test {
protected:
    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    SnapshotsCard card_;
};

/// Mounts of the program show up in this process, in a namespace of its own. Mounting twice prints the place
/// again.
TEST_F(SchnappsMountDelete, MountPrintsWhereAndUnmountEndsIt) {
    ASSERT_EQ(run({"create"}).status, 0);
    card_.set_version("later");
    const fs::path place = "/mnt/snapshot-@1";
    const std::string script =
        "\"$0\" -d \"$1\" mount 1 && cat /mnt/snapshot-@1/etc/version && "
        "\"$0\" -d \"$1\" mount 1 && \"$0\" -d \"$1\" unmount 1; "
        "test -e /mnt/snapshot-@1; echo \"there $?\"; \"$0\" -d \"$1\" unmount 1; echo \"again $?\"; "
        "mkdir -p /mnt/snapshot-@1; mount -t tmpfs none /mnt/snapshot-@1; "
        "\"$0\" -d \"$1\" mount 1; echo \"other $?\"";
    const auto said =
        run_apart({"unshare", "--mount", "sh", "-c", script, SCHNAPPS_PROGRAM, card_.node().native()});
    EXPECT_EQ(said.out,
              "Snapshot 1 mounted on /mnt/snapshot-@1\nnowSnapshot 1 mounted on /mnt/snapshot-@1\n"
              "Snapshot 1 unmounted from /mnt/snapshot-@1\nthere 1\nagain 4\nother 4\n")
        << testing::PrintToString(said);
    EXPECT_TRUE(said.err.contains("snapshot 1 is not mounted on /mnt/snapshot-@1")) << said.err;
    EXPECT_TRUE(said.err.contains("something is mounted on /mnt/snapshot-@1 already")) << said.err;
    std::error_code busy;
    fs::remove(place, busy);
    EXPECT_FALSE(busy) << "it is still mounted for everybody";
}

TEST_F(SchnappsMountDelete, ARangeDeletesWhatExistsInIt) {
    for (int i = 0; i < 4; ++i) ASSERT_EQ(run({"create"}).status, 0);
    ASSERT_EQ(run({"delete", "2"}).status, 0);
    const auto said = run({"delete", "1-3"});
    EXPECT_EQ(said.status, 0) << said.err;
    EXPECT_TRUE(said.err.contains("snapshot 1 deleted\n")) << said.err;
    EXPECT_TRUE(said.err.contains("snapshot 3 deleted\n")) << said.err;
    EXPECT_TRUE(fs::exists(card_ / "@4"));
    const auto none = run({"delete", "1-3"});
    EXPECT_EQ(none.status, 4);
    EXPECT_TRUE(none.err.contains("there is no snapshot from 1 to 3")) << none.err;
}

TEST_F(SchnappsMountDelete, ADryCleanupNamesWhatTheRealOneDeletes) {
    for (int i = 0; i < 7; ++i) ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    const auto dry = run({"cleanup", "--dry-run", "--compare"});
    EXPECT_EQ(dry.status, 0) << dry.err;
    for (int i = 1; i <= 7; ++i) EXPECT_TRUE(fs::exists(card_ / ("@" + std::to_string(i)))) << i;
    const auto real = run({"cleanup", "--compare"});
    auto expected = real.err;
    for (auto at = expected.find(" deleted"); at != std::string::npos;
         at = expected.find(" deleted", at + 18))
        expected.replace(at, 8, " would be deleted");
    EXPECT_TRUE(real.err.contains("snapshot 1 deleted\n")) << real.err;
    EXPECT_EQ(dry.err, expected);
}

TEST_F(SchnappsMountDelete, ListTellsOfTheFactoryStateBesideTheTable) {
    const auto said = run({"list"});
    EXPECT_TRUE(said.err.contains("factory state")) << said.err;
    EXPECT_FALSE(said.out.contains("factory state")) << said.out;
}

}  // namespace
}  // namespace mox::test_support
