// Modes that run once more by themselves: those that the boot environment forces, and those that lacked a
// drive.
#include <gtest/gtest.h>

#include <chrono>

#include "boot/restart_marker.hpp"
#include "support/rescue_session_play.hpp"

namespace mox::rescue {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using boot::Mode;
using test_support::executions;
using test_support::FakeButton;
using test_support::FakeClock;
using test_support::work;

using AnotherTry = test_support::RescueSessionPlay;

TEST_F(AnotherTry, CountsWhatTheBootEnvironmentForcesAndNothingElse) {
    start.start.forced = boot::Mode::reflash_from_drive;
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(environment.writes, 0);

    start.start.forced_by = rescue::Source::boot_environment;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(environment.get("force_tries"), "1");
    EXPECT_EQ(executions, 2);
}

TEST_F(AnotherTry, ShowsTheSelectionAfterThreeForcedTries) {
    start.start.forced = boot::Mode::reflash_from_drive;
    start.start.forced_by = rescue::Source::boot_environment;
    environment.stored["force_tries"] = "3";
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 0);
    EXPECT_TRUE(observer.has("announce 1"));
    EXPECT_EQ(times_logged("is not started automatically, because it has failed 3 times. Choose a mode"), 1U);
}

TEST_F(AnotherTry, ModeOneAfterThreeForcedTriesEndsThemSoThatTheCardBoots) {
    start.start.forced = boot::Mode::reflash_from_drive;
    start.start.forced_by = rescue::Source::boot_environment;
    environment.stored = {{"boot_targets", "rescue"},
                          {"rescue_boot_targets", "mmc0"},
                          {"force_mode", "4"},
                          {"force_tries", "3"}};
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(environment.stored, (boot::Variables{{"boot_targets", "mmc0"}}));
    EXPECT_EQ(environment.writes, 1);
}

TEST_F(AnotherTry, ModeOneAfterThreeForcedTriesLeavesARouterThatNeverSavedAnEnvironmentAsItWas) {
    start.start.forced = boot::Mode::reflash_from_drive;
    start.start.forced_by = rescue::Source::boot_environment;
    ASSERT_TRUE(boot::mark_for_restart(
        environment, board::turris_mox(),
        {.mode = boot::Mode::reflash_from_drive, .disk = {}, .tries = boot::Tries::fresh}));
    environment.stored["force_tries"] = "3";
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_TRUE(environment.stored.empty()) << "as it was: never saved";
}

TEST_F(AnotherTry, ForcesNothingThatCannotBeCounted) {
    start.start.forced = boot::Mode::reflash_from_drive;
    start.start.forced_by = rescue::Source::boot_environment;
    environment.broken = true;
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 0);
    EXPECT_EQ(times_logged("because the try cannot be counted"), 1U);
}

TEST_F(AnotherTry, TriesAgainWhenADriveComesWhileTheLedShowsThatThereIsNoMedkit) {
    start.start.forced = boot::Mode::reflash_from_drive;
    entries[1].new_drive = NewDrive::tries_again;
    drives.to_come = {storage::DriveRole::usb};
    work = [this]() -> asio::awaitable<Expected<ModeOutcome>> {
        if (drives.drives.empty()) co_return fail(ErrorKind::medkit, "no medkit");
        co_return ModeOutcome::reboot;
    };
    observer.time_stands_still_after_failure = true;
    FakeButton button;
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 2);
    EXPECT_EQ(times_logged("LED shows error 2 (medkit). Plug in a USB drive with a medkit to go on"), 1U);
    EXPECT_EQ(times_logged("a drive was plugged in: trying again"), 1U);
    EXPECT_EQ(observer.notes.back(), "success, reboot");
}

TEST_F(AnotherTry, ANewCardIsNoNewTry) {
    start.start.forced = boot::Mode::reflash_from_drive;
    entries[1].new_drive = NewDrive::tries_again;
    drives.to_come = {storage::DriveRole::card, storage::DriveRole::other};
    ends_with(fail(ErrorKind::medkit, "no medkit"));
    FakeButton button(test_support::press_at(60s));
    EXPECT_EQ(run(button), ModeOutcome::reboot);
    EXPECT_EQ(executions, 1);
}

TEST_F(AnotherTry, ANewDriveIsNoNewTryAfterAnotherErrorOrInAnotherMode) {
    drives.to_come = {storage::DriveRole::usb};
    for (const auto kind : {ErrorKind::card, ErrorKind::internal, ErrorKind::medkit}) {
        FakeClock::restart();
        executions = 0;
        entries[1].new_drive = kind == ErrorKind::medkit ? NewDrive::ignored : NewDrive::tries_again;
        start.start.forced = boot::Mode::reflash_from_drive;
        ends_with(fail(kind, "broken"));
        FakeButton button(test_support::press_at(60s));
        EXPECT_EQ(run(button), ModeOutcome::reboot);
        EXPECT_EQ(executions, 1);
    }
}

}  // namespace
}  // namespace mox::rescue
