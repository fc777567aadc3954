// How mox-rescue is called, and on which disk it and schnapps work.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "cli/board_drives.hpp"
#include "cli/mox_rescue/options.hpp"
#include "storage/listed_drives.hpp"
#include "support/loop_image.hpp"
#include "support/remembered_environment.hpp"
#include "support/temporary_directory.hpp"

namespace mox::cli {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;

TEST(RescueWithoutASubcommand, IsForTheRescueSystemOnly) {
    const RescueSession by_a_person;
    const RescueSession by_process_1{.heartbeat = 3};
    EXPECT_TRUE(may_start_selection(by_process_1, false, false)) << "a PID namespace in a test";
    EXPECT_TRUE(may_start_selection(by_a_person, true, true)) << "in the rescue shell";
    EXPECT_FALSE(may_start_selection(by_a_person, true, false)) << "in the router's own system";
    EXPECT_FALSE(may_start_selection(by_a_person, false, false)) << "on a PC";
    EXPECT_FALSE(may_start_selection(by_a_person, false, true)) << "on a machine that only looks like it";
}

// It rebooted the PC after nine seconds. The test would not be there any more.
TEST(RescueWithoutASubcommand, RefusesOnAPcWithUsage) {
    for (const auto& options :
         std::vector<std::vector<std::string>>{{}, {"--dont-reboot"}, {"--keys", "/tmp"}}) {
        std::vector<std::string> argv{"unshare", "--pid", "--fork", "--kill-child", MOX_RESCUE_PROGRAM};
        argv.insert(argv.end(), options.begin(), options.end());
        const auto said = must(run_child(argv, 5s));
        EXPECT_EQ(said.exit_status, 64) << said.output;
        EXPECT_TRUE(said.output.contains("Usage: mox-rescue run MODE")) << said.output;
        EXPECT_FALSE(said.output.contains("selecting a mode")) << said.output;
    }
}

// Without a terminal the user cannot be asked: a status of its own, and nothing is opened.
TEST(RescueRun, EndsWith77WhenTheUserHasNotConfirmed) {
    const auto said =
        must(run_child({MOX_RESCUE_PROGRAM, "run", "reflash", "--card", "/dev/there-is-no-card"}, 5s));
    EXPECT_EQ(said.exit_status, 77) << said.output;
    EXPECT_TRUE(said.output.contains("confirm it with --yes")) << said.output;
    const auto confirmed = must(
        run_child({MOX_RESCUE_PROGRAM, "run", "reflash", "--yes", "--card", "/dev/there-is-no-card"}, 5s));
    EXPECT_NE(confirmed.exit_status, 77) << confirmed.output;
    EXPECT_NE(confirmed.exit_status, 0) << confirmed.output;
}

TEST(RescueRun, SaysWhatToDoOnALineOfItsOwnAndInJson) {
    const auto said = must(run_child(
        {MOX_RESCUE_PROGRAM, "run", "reflash", "--yes", "--json", "--card", "/dev/there-is-no-card"}, 5s));
    EXPECT_TRUE(said.output.contains("error: /dev/there-is-no-card is not there\n")) << said.output;
    EXPECT_TRUE(said.output.contains("hint: was it pulled out?\n")) << said.output;
    EXPECT_TRUE(said.output.contains("\"hint\": \"was it pulled out?\"")) << said.output;
}

/// A card and a disk, each with a btrfs.
class TwoDisks : public testing::Test {
protected:
    TwoDisks() {
        test_support::format(card_.partition(), "btrfs");
        test_support::format_btrfs(disk_.partition(), uuid_);
    }

    /// What schnapps works on in the rescue system.
    Expected<std::filesystem::path> node() {
        auto listed = must(storage::ListedDrives::open(card_.node(), {disk_.node()}));
        const auto drives =
            redirected(std::make_unique<storage::ListedDrives>(std::move(listed)), environment_, log_);
        return system_node(*drives);
    }

    const std::string uuid_ = test_support::own_uuid();
    test_support::TemporaryDirectory folder_;
    LoopImage card_{folder_ / "card", 130_MiB, PartitionTable::one_primary};
    LoopImage disk_{folder_ / "disk", 140_MiB, PartitionTable::one_primary};
    test_support::RememberedEnvironment environment_;
    Log log_;
};

TEST_F(TwoDisks, SnapshotsAreThoseOfTheCard) {
    EXPECT_EQ(must(node()), card_.partition());
}

TEST_F(TwoDisks, SnapshotsAreThoseOfTheDiskThatTheModesWorkOn) {
    environment_.stored["root_uuid"] = uuid_;
    EXPECT_EQ(must(node()), disk_.partition());
}

TEST_F(TwoDisks, ADiskThatIsNotThereIsNamed) {
    environment_.stored["root_uuid"] = "5c0ab55e-0000-4000-8000-000000000000";
    const auto found = node();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), ErrorKind::card);
    EXPECT_TRUE(found.error().describe().contains("root_uuid=5c0ab55e-0000-4000-8000-000000000000"))
        << found.error().describe();
}

}  // namespace
}  // namespace mox::cli
