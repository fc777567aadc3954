#include "modes/restart_marker.hpp"

#include <gtest/gtest.h>

#include "modes/environment_reset.hpp"
#include "support/remembered_environment.hpp"

namespace mox::modes {
namespace {

using test_support::RememberedEnvironment;

constexpr auto reflash = selection::Mode::reflash_from_drive;

TEST(RestartMarker, MakesTheBootLoaderEnterRescueWithTheSameMode) {
    RememberedEnvironment environment;
    environment.stored["boot_targets"] = "mmc0 usb0";
    ASSERT_TRUE(mark_for_restart(environment, reflash, ""));
    EXPECT_EQ(environment.get("boot_targets"), "rescue");
    EXPECT_EQ(environment.get("force_mode"), "4");
    EXPECT_EQ(environment.get("rescue_disk"), std::nullopt);
    EXPECT_EQ(environment.writes, 1);
}

TEST(RestartMarker, RemembersTheDiskThatIsFormatted) {
    RememberedEnvironment environment;
    ASSERT_TRUE(mark_for_restart(environment, reflash, "Samsung SSD 860 500107862016"));
    EXPECT_EQ(environment.get("rescue_disk"), "Samsung SSD 860 500107862016");
    EXPECT_TRUE(without_marker(environment.stored).empty());
}

TEST(RestartMarker, LeavesNothingBehindWhenItIsTakenAway) {
    for (const auto& before : {boot::Variables{}, {{"boot_targets", "mmc0 usb0"}, {"contract", "x"}}}) {
        RememberedEnvironment environment;
        environment.stored = before;
        ASSERT_TRUE(mark_for_restart(environment, reflash, "disk"));
        ASSERT_TRUE(count_forced_try(environment));
        EXPECT_EQ(without_marker(environment.stored), before);
    }
}

TEST(RestartMarker, SetTwiceStillRemembersTheFirstBootTargets) {
    RememberedEnvironment environment;
    environment.stored["boot_targets"] = "mmc0";
    ASSERT_TRUE(mark_for_restart(environment, reflash, ""));
    ASSERT_TRUE(mark_for_restart(environment, reflash, ""));
    EXPECT_EQ(environment.writes, 1);
    EXPECT_EQ(without_marker(environment.stored), (boot::Variables{{"boot_targets", "mmc0"}}));
}

TEST(RestartMarker, ThatIsNotThereIsNotTakenAway) {
    // Somebody forces mode 2 whenever the button is held.
    const boot::Variables forced{{"force_mode", "2"}, {"boot_targets", "mmc0"}};
    EXPECT_EQ(without_marker(forced), forced);
    auto counted = forced;
    counted["force_tries"] = "2";
    EXPECT_EQ(without_marker(counted), forced);
}

TEST(ForcedTries, AreThreeAndEachIsCountedBeforeItBegins) {
    RememberedEnvironment environment;
    ASSERT_TRUE(mark_for_restart(environment, reflash, ""));
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
}

}  // namespace
}  // namespace mox::modes
