#include <gtest/gtest.h>

#include <map>

#include "modes/restart_marker.hpp"

namespace mox::modes {
namespace {

/// A boot environment in memory that counts how often it was written.
class RememberedEnvironment final : public boot::Environment {
public:
    std::map<std::string, std::string, std::less<>> variables;
    int writes = 0;

    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] Expected<void> change(const boot::EnvironmentChanges& changes) override {
        ++writes;
        for (const auto& [name, value] : changes) {
            if (value.empty())
                variables.erase(name);
            else
                variables[name] = value;
        }
        return {};
    }
};

constexpr auto reflash = selection::Mode::reflash_from_drive;

TEST(RestartMarker, MakesTheBootLoaderEnterRescueWithTheSameMode) {
    RememberedEnvironment environment;
    environment.variables["boot_targets"] = "mmc0 usb0";
    ASSERT_TRUE(mark_for_restart(environment, reflash));
    EXPECT_EQ(environment.get("boot_targets"), "rescue");
    EXPECT_EQ(environment.get("force_mode"), "4");
    EXPECT_EQ(environment.writes, 1);
}

TEST(RestartMarker, LeavesNothingBehindWhenItIsTakenAway) {
    for (const auto& before : {std::map<std::string, std::string, std::less<>>{},
                               {{"boot_targets", "mmc0 usb0"}, {"contract", "x"}}}) {
        RememberedEnvironment environment;
        environment.variables = before;
        ASSERT_TRUE(mark_for_restart(environment, reflash));
        ASSERT_TRUE(clear_restart_marker(environment));
        EXPECT_EQ(environment.variables, before);
        EXPECT_EQ(environment.writes, 2);
    }
}

TEST(RestartMarker, SetTwiceStillRemembersTheFirstBootTargets) {
    RememberedEnvironment environment;
    environment.variables["boot_targets"] = "mmc0";
    ASSERT_TRUE(mark_for_restart(environment, reflash));
    ASSERT_TRUE(mark_for_restart(environment, reflash));
    EXPECT_EQ(environment.writes, 1);
    ASSERT_TRUE(clear_restart_marker(environment));
    EXPECT_EQ(environment.get("boot_targets"), "mmc0");
}

TEST(RestartMarker, ThatIsNotThereIsNotTakenAway) {
    RememberedEnvironment environment;
    environment.variables = {{"force_mode", "2"}};
    ASSERT_TRUE(clear_restart_marker(environment));
    EXPECT_EQ(environment.writes, 0);
    EXPECT_EQ(environment.get("force_mode"), "2");
}

}  // namespace
}  // namespace mox::modes
