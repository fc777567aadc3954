#include "update/environment_reset.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "boot/restart_marker.hpp"
#include "support/remembered_environment.hpp"

namespace mox::update {
namespace {

using boot::Variables;

const auto mox = board::turris_mox();

TEST(EnvironmentReset, LetsTheBootLoaderRestoreItsDefaultsWithWhatIsCarriedOver) {
    const auto wanted = reset_at_next_start({{"bootcmd", "reset"},
                                             {"mine", "x"},
                                             {"bootdelay", "-1"},
                                             {"contract", "turris_lists=contracts/x"},
                                             {"rescue_mode", "2"},
                                             {"boot_targets", "usb0 mmc0"},
                                             {"root_uuid", "0a1b"},
                                             {"rescue_keys", "RWT/+="}},
                                            mox);
    ASSERT_TRUE(wanted.has_value());
    const Variables expected{
        {"contract", "turris_lists=contracts/x"},
        {"rescue_mode", "2"},
        {"boot_targets", "usb0 mmc0"},
        {"root_uuid", "0a1b"},
        {"rescue_keys", "RWT/+="},
        {"bootcmd",
         "env default -f -a; setenv boot_targets 'usb0 mmc0'; "
         "setenv contract 'turris_lists=contracts/x'; setenv rescue_keys 'RWT/+='; "
         "setenv rescue_mode '2'; setenv root_uuid '0a1b'; saveenv && reset; run bootcmd"}};
    EXPECT_EQ(*wanted, expected);
}

TEST(EnvironmentReset, DoesNotInventWhatIsCarriedOver) {
    // The target is for the boot loaders that read it before they run bootcmd: it is not set again by that.
    EXPECT_EQ(*reset_at_next_start({{"bootcmd", "x"}}, mox),
              (Variables{{"bootcmd", "env default -f -a; saveenv && reset; run bootcmd"},
                         {"boot_targets", mox.default_boot_targets}}));
    const auto leftover = reset_at_next_start({{"boot_targets", "rescue"}}, mox);
    EXPECT_EQ(leftover->at("bootcmd"), "env default -f -a; saveenv && reset; run bootcmd");
    EXPECT_EQ(leftover->at("boot_targets"), mox.default_boot_targets);
}

TEST(EnvironmentReset, QuotesForTheShellOfTheBootLoader) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"a b", "'a b'"},     {"a; reset", "'a; reset'"}, {"$x ${y}", "'$x ${y}'"},
        {"\"q\"", "'\"q\"'"}, {"it's", R"('it'\''s')"},   {"a && b # c *?[]", "'a && b # c *?[]'"}};
    for (const auto& [value, quoted] : cases) EXPECT_EQ(quoted_for_boot_loader(value).value_or("?"), quoted);
    for (const auto* value : {"a\\b", "a\nb", "\x1b", "a\tb", "\xc3\xa4", "\x7f"})
        EXPECT_FALSE(quoted_for_boot_loader(value).has_value()) << value;
}

class NoDrives final : public storage::Drives {
public:
    Expected<std::vector<storage::Drive>> plugged_in() override { return std::vector<storage::Drive>{}; }
    boost::asio::awaitable<bool> change_before(Clock::time_point /*deadline*/) override { co_return false; }
};

class SettledEnvironment : public testing::Test {
protected:
    Expected<void> settle(EnvironmentReset reset, const std::string& root_uuid = {}) {
        Context context{.board = mox,
                        .drives = drives,
                        .environment = environment,
                        .log = log,
                        .progress = progress,
                        .keys = {},
                        .variant = {}};
        return finalize_environment(context, reset, root_uuid);
    }

    Expected<void> mark() {
        return boot::mark_for_restart(
            environment, mox,
            {.mode = boot::Mode::reflash_from_drive, .disk = "disk", .tries = boot::Tries::fresh});
    }

    test_support::RememberedEnvironment environment;
    NoDrives drives;
    Log log;
    Progress progress;
};

TEST_F(SettledEnvironment, HasNoMarkerAnyMoreAndIsResetAtTheNextStartInOneWrite) {
    environment.stored = {{"bootcmd", "x"}, {"boot_targets", "usb0"}, {"root_uuid", "old"}, {"mine", "x"}};
    ASSERT_TRUE(mark());
    ASSERT_TRUE(boot::count_forced_try(environment));
    environment.writes = 0;
    ASSERT_TRUE(settle(EnvironmentReset::to_defaults, "new"));
    EXPECT_EQ(environment.writes, 1);
    EXPECT_EQ(environment.stored,
              (Variables{{"bootcmd",
                          "env default -f -a; setenv boot_targets 'usb0'; setenv root_uuid 'new'; "
                          "saveenv && reset; run bootcmd"},
                         {"boot_targets", "usb0"},
                         {"root_uuid", "new"}}));
}

TEST_F(SettledEnvironment, LosesNothingButTheMarkerWithoutAReset) {
    environment.stored = {{"bootcmd", "x"}, {"mine", "x"}};
    const auto before = environment.stored;
    ASSERT_TRUE(mark());
    ASSERT_TRUE(settle(EnvironmentReset::none));
    EXPECT_EQ(environment.stored, before);
}

TEST_F(SettledEnvironment, ThatWasNeverSavedIsNoneAgain) {
    for (const auto reset : {EnvironmentReset::none, EnvironmentReset::to_defaults}) {
        ASSERT_TRUE(mark());
        ASSERT_TRUE(boot::count_forced_try(environment));
        ASSERT_TRUE(settle(reset, "new"));
        EXPECT_TRUE(environment.stored.empty());
    }
    environment.writes = 0;
    ASSERT_TRUE(settle(EnvironmentReset::to_defaults, "new"));
    EXPECT_EQ(environment.writes, 0);
}

TEST_F(SettledEnvironment, KeepsWhatWasSetBesideALonelyMarkerWithTheDefaults) {
    ASSERT_TRUE(mark());
    environment.stored["contract"] = "x";
    environment.stored["mine"] = "x";
    ASSERT_TRUE(settle(EnvironmentReset::none));
    EXPECT_EQ(environment.get("bootcmd"),
              "env default -f -a; setenv contract 'x'; saveenv && reset; run bootcmd");
    EXPECT_EQ(environment.get("contract"), "x");
    EXPECT_EQ(environment.get("mine"), std::nullopt);
}

TEST_F(SettledEnvironment, IsNotWrittenWhenTheResetIsDueAlready) {
    environment.stored = {{"bootcmd", "x"}, {"rescue_mode", "3"}};
    ASSERT_TRUE(settle(EnvironmentReset::to_defaults, "new"));
    EXPECT_EQ(environment.writes, 1);
    EXPECT_FALSE(environment.stored.contains("root_uuid")) << "root_uuid is not invented";
    const auto due = environment.stored;
    ASSERT_TRUE(settle(EnvironmentReset::none));
    EXPECT_EQ(environment.stored, due);
    EXPECT_EQ(environment.writes, 1);
}

TEST_F(SettledEnvironment, KeepsItsVariablesWhenOneCannotBeCarriedOver) {
    environment.stored = {{"bootcmd", "x"}, {"mine", "x"}, {"contract", "a\\b"}};
    const auto before = environment.stored;
    ASSERT_TRUE(mark());
    ASSERT_TRUE(settle(EnvironmentReset::to_defaults));
    EXPECT_EQ(environment.stored, before);
    EXPECT_TRUE(log.text().contains("contract: it holds a character")) << log.text();
}

}  // namespace
}  // namespace mox::update
