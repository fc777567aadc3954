#include "modes/environment_reset.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "modes/restart_marker.hpp"
#include "support/remembered_environment.hpp"
#include "support/temporary_directory.hpp"

namespace mox::modes {
namespace {

using boot::Variables;

const Variables defaults{
    {"bootcmd", "run distro_bootcmd"}, {"bootdelay", "3"}, {"boot_targets", "mmc0 usb0"}};

TEST(EnvironmentReset, BringsBackWhatWasChangedOrRemovedAndDropsTheRest) {
    const Variables broken{{"bootcmd", "reset"}, {"mine", "x"}, {"boot_targets", "mmc0 usb0"}};
    EXPECT_EQ(at_defaults(broken, defaults), defaults);
}

TEST(EnvironmentReset, CarriesOverWhatBelongsToThisRouter) {
    Variables present = defaults;
    present["contract"] = "turris_lists=contracts/x";
    present["rescue_mode"] = "2";
    present["boot_targets"] = "usb0";
    present["root_uuid"] = "0a1b";
    present["rescue_keys"] = "RWT";
    present["bootdelay"] = "99";
    auto expected = present;
    expected["bootdelay"] = "3";
    EXPECT_EQ(at_defaults(present, defaults), expected);
}

TEST(EnvironmentReset, DoesNotInventWhatIsCarriedOver) {
    EXPECT_EQ(at_defaults({}, {{"bootcmd", "x"}}), (Variables{{"bootcmd", "x"}}));
}

TEST(EnvironmentChanges, SetWhatDiffersAndRemoveWhatIsTooMuch) {
    const Variables present{{"a", "1"}, {"b", "2"}, {"c", ""}};
    EXPECT_EQ(changes_between(present, {{"a", "1"}, {"b", "3"}, {"d", "4"}}),
              (boot::EnvironmentChanges{{"b", "3"}, {"c", ""}, {"d", "4"}}));
    EXPECT_TRUE(changes_between(present, present).empty());
}

class NoDrives final : public storage::Drives {
public:
    Expected<std::vector<storage::Drive>> plugged_in() override { return std::vector<storage::Drive>{}; }
    boost::asio::awaitable<bool> change_before(Clock::time_point /*deadline*/) override { co_return false; }
};

class SettledEnvironment : public testing::Test {
protected:
    SettledEnvironment() {
        board.default_environment = folder.path() / "defaults.env";
        std::ofstream(board.default_environment)
            << "# of the boot loader\nbootcmd=run distro_bootcmd\nbootdelay=3\nboot_targets=mmc0 usb0\n";
        environment.stored = defaults;
    }

    Expected<void> settle(EnvironmentReset reset, const std::string& root_uuid = {}) {
        ModeContext context{.board = board,
                            .drives = drives,
                            .environment = environment,
                            .log = log,
                            .progress = progress,
                            .keys = {},
                            .variant = {}};
        return settle_environment(context, reset, root_uuid);
    }

    test_support::TemporaryDirectory folder;
    board::Description board = board::virtual_mox();
    test_support::RememberedEnvironment environment;
    NoDrives drives;
    Log log;
    Progress progress;
};

TEST_F(SettledEnvironment, HasNoMarkerAnyMoreAndTheDefaultsInOneWrite) {
    environment.stored["boot_targets"] = "usb0";
    environment.stored["root_uuid"] = "old";
    environment.stored["mine"] = "x";
    ASSERT_TRUE(mark_for_restart(environment, selection::Mode::reflash_from_drive, "disk"));
    ASSERT_TRUE(count_forced_try(environment));
    environment.writes = 0;
    ASSERT_TRUE(settle(EnvironmentReset::to_defaults, "new"));
    EXPECT_EQ(environment.writes, 1);
    auto expected = defaults;
    expected["boot_targets"] = "usb0";  // carried over, as it was before the marker
    expected["root_uuid"] = "new";
    EXPECT_EQ(environment.stored, expected);
}

TEST_F(SettledEnvironment, LosesNothingButTheMarkerWithoutAReset) {
    environment.stored["mine"] = "x";
    const auto before = environment.stored;
    ASSERT_TRUE(mark_for_restart(environment, selection::Mode::reflash_from_drive, ""));
    ASSERT_TRUE(settle(EnvironmentReset::none));
    EXPECT_EQ(environment.stored, before);
}

TEST_F(SettledEnvironment, IsNotWrittenWhenItIsInOrder) {
    ASSERT_TRUE(settle(EnvironmentReset::to_defaults, "new"));
    EXPECT_EQ(environment.writes, 0) << "root_uuid is not invented";
}

TEST_F(SettledEnvironment, KeepsItsVariablesWhereTheDefaultsAreNotKnown) {
    environment.stored["mine"] = "x";
    const auto before = environment.stored;
    for (const auto& file : {std::filesystem::path(), folder.path() / "missing", folder.path() / "empty"}) {
        std::ofstream(folder.path() / "empty") << "# nothing\n";
        board.default_environment = file;
        ASSERT_TRUE(mark_for_restart(environment, selection::Mode::reflash_from_drive, ""));
        ASSERT_TRUE(settle(EnvironmentReset::to_defaults));
        EXPECT_EQ(environment.stored, before) << file;
    }
    EXPECT_NE(log.text().find("this board's defaults are not known"), std::string::npos);
    EXPECT_NE(log.text().find("missing: No such file"), std::string::npos);
    EXPECT_NE(log.text().find("empty holds no variables"), std::string::npos);
}

}  // namespace
}  // namespace mox::modes
