#include <gtest/gtest.h>

#include <map>

#include "modes/restart_marker.hpp"

namespace mox::modes {
namespace {

/// A boot environment in memory that counts how often it was written.
class RememberedEnvironment final : public boot::Environment {
public:
    boot::Variables stored;
    int writes = 0;

    [[nodiscard]] boot::Variables variables() const override { return stored; }

    [[nodiscard]] std::optional<std::string> get(std::string_view name) const override {
        const auto found = stored.find(name);
        return found == stored.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] Expected<void> change(const boot::EnvironmentChanges& changes) override {
        ++writes;
        for (const auto& [name, value] : changes) {
            if (value.empty())
                stored.erase(name);
            else
                stored[name] = value;
        }
        return {};
    }
};

constexpr auto reflash = selection::Mode::reflash_from_drive;

TEST(RestartMarker, MakesTheBootLoaderEnterRescueWithTheSameMode) {
    RememberedEnvironment environment;
    environment.stored["boot_targets"] = "mmc0 usb0";
    ASSERT_TRUE(mark_for_restart(environment, reflash));
    EXPECT_EQ(environment.get("boot_targets"), "rescue");
    EXPECT_EQ(environment.get("force_mode"), "4");
    EXPECT_EQ(environment.writes, 1);
}

TEST(RestartMarker, LeavesNothingBehindWhenItIsTakenAway) {
    for (const auto& before : {boot::Variables{}, {{"boot_targets", "mmc0 usb0"}, {"contract", "x"}}}) {
        RememberedEnvironment environment;
        environment.stored = before;
        ASSERT_TRUE(mark_for_restart(environment, reflash));
        ASSERT_TRUE(clear_restart_marker(environment));
        EXPECT_EQ(environment.stored, before);
        EXPECT_EQ(environment.writes, 2);
    }
}

TEST(RestartMarker, SetTwiceStillRemembersTheFirstBootTargets) {
    RememberedEnvironment environment;
    environment.stored["boot_targets"] = "mmc0";
    ASSERT_TRUE(mark_for_restart(environment, reflash));
    ASSERT_TRUE(mark_for_restart(environment, reflash));
    EXPECT_EQ(environment.writes, 1);
    ASSERT_TRUE(clear_restart_marker(environment));
    EXPECT_EQ(environment.get("boot_targets"), "mmc0");
}

TEST(RestartMarker, ThatIsNotThereIsNotTakenAway) {
    RememberedEnvironment environment;
    environment.stored = {{"force_mode", "2"}};
    ASSERT_TRUE(clear_restart_marker(environment));
    EXPECT_EQ(environment.writes, 0);
    EXPECT_EQ(environment.get("force_mode"), "2");
}

}  // namespace
}  // namespace mox::modes
