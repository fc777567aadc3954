#include "boot/restart_marker.hpp"

#include <gtest/gtest.h>

#include "support/memory_flash.hpp"
#include "support/remembered_environment.hpp"

namespace mox::boot {
namespace {

using test_support::MemoryFlash;
using test_support::RememberedEnvironment;

constexpr auto reflash = boot::Mode::reflash_from_drive;
constexpr auto internet = boot::Mode::flash_from_internet;

const auto board = board::turris_mox();
const std::string start_rescue =
    "setenv bootargs console=ttyMV0,115200 earlycon=ar3700_uart,0xd0012000; sf probe && "
    "sf read 0x5000000 0x190000 0x660000 && lzmadec 0x5000000 0x5800000 && bootm 0x5800000; ";

const boot::Variables saved{{"bootcmd", "run distro_bootcmd; echo 'no card'"}, {"boot_targets", "mmc0 usb0"}};

Expected<void> mark(RememberedEnvironment& environment, boot::Mode mode = reflash,
                    const std::string& disk = "", Tries tries = Tries::fresh, boot::Flash* flash = nullptr) {
    return mark_for_restart(environment, board, {.mode = mode, .disk = disk, .tries = tries}, flash);
}

TEST(RestartMarker, StartsRescueAndBehindItWhatBootedTheCard) {
    RememberedEnvironment environment;
    environment.stored = saved;
    ASSERT_TRUE(mark(environment));
    EXPECT_EQ(environment.get("bootcmd"), start_rescue + "run mox_rescue_bootcmd");
    EXPECT_EQ(environment.get("mox_rescue_bootcmd"), saved.at("bootcmd"));
    EXPECT_EQ(environment.get("boot_targets"), "mmc0 usb0");
    EXPECT_EQ(environment.get("force_mode"), "4");
    EXPECT_EQ(environment.get("rescue_disk"), std::nullopt);
    EXPECT_EQ(environment.writes, 1);
}

TEST(RestartMarker, OfAnEnvironmentWithoutBootCommandHasTheDefaultsBehindIt) {
    RememberedEnvironment environment;
    environment.stored = {{"contract", "x"}};
    ASSERT_TRUE(mark(environment));
    EXPECT_EQ(environment.get("bootcmd"), start_rescue + "env default -f -a; run bootcmd");
    EXPECT_EQ(without_marker(environment.stored), (boot::Variables{{"contract", "x"}}));
}

TEST(RestartMarker, WhereNoEnvironmentWasStoredStandsAlone) {
    RememberedEnvironment environment;
    ASSERT_TRUE(mark(environment));
    EXPECT_EQ(environment.get("bootcmd"), start_rescue + "env default -f -a; run bootcmd");
    EXPECT_EQ(environment.get("boot_targets"), "mmc0 nvme0 scsi0 usb0 pxe dhcp");
    EXPECT_TRUE(stands_alone(environment.stored));
    EXPECT_EQ(environment.writes, 1);
    // Marked again it still knows that it is alone.
    ASSERT_TRUE(mark(environment, internet));
    EXPECT_TRUE(stands_alone(environment.stored));
    EXPECT_TRUE(without_marker(environment.stored).empty());
}

TEST(RestartMarker, RemembersTheDiskThatIsFormatted) {
    RememberedEnvironment environment;
    ASSERT_TRUE(mark(environment, reflash, "Samsung SSD 860 500107862016"));
    EXPECT_EQ(environment.get("rescue_disk"), "Samsung SSD 860 500107862016");
    EXPECT_TRUE(without_marker(environment.stored).empty());
}

TEST(RestartMarker, LeavesNothingBehindWhenItIsTakenAway) {
    for (const auto& before : {boot::Variables{}, saved, {{"boot_targets", "mmc0"}, {"contract", "x"}}}) {
        RememberedEnvironment environment;
        environment.stored = before;
        ASSERT_TRUE(mark(environment, reflash, "disk"));
        ASSERT_TRUE(count_forced_try(environment));
        EXPECT_EQ(without_marker(environment.stored), before);
    }
}

TEST(RestartMarker, BecomesTheNewestOneWithModeDiskAndTries) {
    for (const auto& before : {boot::Variables{}, saved}) {
        RememberedEnvironment environment;
        environment.stored = before;
        ASSERT_TRUE(mark(environment, internet, "old disk"));
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(count_forced_try(environment));
        ASSERT_TRUE(mark(environment, reflash, "new disk"));
        EXPECT_EQ(environment.get("force_mode"), "4");
        EXPECT_EQ(environment.get("rescue_disk"), "new disk");
        EXPECT_EQ(environment.get("force_tries"), std::nullopt);
        ASSERT_TRUE(mark(environment, reflash));
        EXPECT_EQ(environment.get("rescue_disk"), std::nullopt);
        EXPECT_EQ(without_marker(environment.stored), before);
    }
}

TEST(RestartMarker, ThatHasStartedTheModeItselfIsNotWrittenAgainAndKeepsItsTries) {
    RememberedEnvironment environment;
    environment.stored = saved;
    ASSERT_TRUE(mark(environment, reflash, "disk"));
    ASSERT_TRUE(count_forced_try(environment));
    const auto before = environment.stored;
    ASSERT_TRUE(mark(environment, reflash, "disk", Tries::go_on));
    EXPECT_EQ(environment.stored, before);
}

TEST(RestartMarker, OfAnOlderRescueSystemIsReplacedAndTakenAway) {
    const boot::Variables older{{"bootcmd", "run distro_bootcmd"},
                                {"boot_targets", "rescue"},
                                {"rescue_boot_targets", "mmc0"},
                                {"force_mode", "6"},
                                {"force_tries", "3"},
                                {"rescue_disk", "d"}};
    const boot::Variables before{{"bootcmd", "run distro_bootcmd"}, {"boot_targets", "mmc0"}};
    EXPECT_EQ(without_marker(older), before);
    RememberedEnvironment environment;
    environment.stored = older;
    ASSERT_TRUE(mark(environment));
    EXPECT_EQ(environment.get("force_mode"), "4");
    EXPECT_EQ(environment.get("boot_targets"), "mmc0");
    EXPECT_EQ(without_marker(environment.stored), before);
}

TEST(RestartMarker, ThatIsNotThereIsNotTakenAway) {
    // Mode 2 is forced whenever the button is held.
    const boot::Variables forced{{"force_mode", "2"}, {"boot_targets", "mmc0"}, {"bootcmd", "x"}};
    EXPECT_EQ(without_marker(forced), forced);
    auto counted = forced;
    counted["force_tries"] = "2";
    EXPECT_EQ(without_marker(counted), forced);
}

TEST(ForcedTries, AreThreeAndEachIsCountedBeforeItBegins) {
    RememberedEnvironment environment;
    ASSERT_TRUE(mark(environment));
    for (const auto* tries : {"1", "2", "3"}) {
        const auto counted = count_forced_try(environment);
        ASSERT_TRUE(counted.has_value());
        EXPECT_EQ(*counted, ForcedTry::allowed);
        EXPECT_EQ(environment.get("force_tries"), tries);
    }
    EXPECT_EQ(environment.writes, 4);
    EXPECT_EQ(*count_forced_try(environment), ForcedTry::used_up);
    EXPECT_EQ(environment.writes, 4) << "nothing is written when nothing is tried";
}

// The card is empty then: a power cut in a write of the environment would leave a router that does not start.
TEST(ForcedTries, AreCountedInTheFlashWithoutWritingTheEnvironment) {
    RememberedEnvironment environment;
    MemoryFlash flash(0x4000, 0x1000);
    ASSERT_TRUE(mark(environment, reflash, "disk", Tries::fresh, &flash));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(*count_forced_try(environment, &flash), ForcedTry::allowed);
        ASSERT_TRUE(mark(environment, reflash, "disk", Tries::go_on, &flash));
    }
    EXPECT_EQ(*count_forced_try(environment, &flash), ForcedTry::used_up);
    EXPECT_EQ(environment.writes, 1);
    // The user's own run has three fresh ones.
    ASSERT_TRUE(mark(environment, reflash, "disk", Tries::fresh, &flash));
    EXPECT_EQ(*count_forced_try(environment, &flash), ForcedTry::allowed);
    EXPECT_EQ(flash.erasures, 0);
}

TEST(ForcedTries, AreCountedInTheEnvironmentWhereTheFlashHasNoRoom) {
    RememberedEnvironment environment;
    MemoryFlash flash(0x4000, 0x1000);
    flash.content[0x3800] = 'x';
    ASSERT_TRUE(mark(environment, reflash, "", Tries::fresh, &flash));
    EXPECT_EQ(*count_forced_try(environment, &flash), ForcedTry::allowed);
    EXPECT_EQ(environment.get("force_tries"), "1");
}

TEST(ForcedTries, ThatCannotBeReadCountAsNone) {
    for (const auto* text : {"", "x", "-7", "99999999999999999999"}) {
        RememberedEnvironment environment;
        environment.stored["force_tries"] = text;
        EXPECT_EQ(*count_forced_try(environment), ForcedTry::allowed) << text;
        EXPECT_EQ(environment.get("force_tries"), "1") << text;
    }
}

TEST(ForcedTries, ThatCannotBeCountedAreAnError) {
    RememberedEnvironment environment;
    environment.broken = true;
    EXPECT_FALSE(count_forced_try(environment).has_value());
    MemoryFlash flash(0x4000, 0x1000);
    flash.changes_left = 0;
    EXPECT_FALSE(count_forced_try(environment, &flash).has_value());
}

}  // namespace
}  // namespace mox::boot
