#include <gtest/gtest.h>

#include "modes/environment_reset.hpp"

namespace mox::modes {
namespace {

using boot::Variables;

/// What `present` is after `changes`, as a boot loader will see it.
Variables applied(Variables present, const boot::EnvironmentChanges& changes) {
    for (const auto& [name, value] : changes) {
        if (value.empty())
            present.erase(name);
        else
            present[name] = value;
    }
    return present;
}

const Variables defaults{
    {"bootcmd", "run distro_bootcmd"}, {"bootdelay", "3"}, {"boot_targets", "mmc0 usb0"}};

TEST(EnvironmentReset, BringsBackWhatWasChangedOrRemovedAndDropsTheRest) {
    const Variables broken{{"bootcmd", "reset"}, {"mine", "x"}, {"boot_targets", "mmc0 usb0"}};
    EXPECT_EQ(applied(broken, changes_to_defaults(broken, defaults)), defaults);
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
    EXPECT_EQ(applied(present, changes_to_defaults(present, defaults)), expected);
}

TEST(EnvironmentReset, OfDefaultsChangesNothing) {
    EXPECT_TRUE(changes_to_defaults(defaults, defaults).empty());
}

TEST(EnvironmentReset, DoesNotInventWhatIsCarriedOver) {
    const auto changes = changes_to_defaults({}, {{"bootcmd", "x"}});
    EXPECT_EQ(applied({}, changes), (Variables{{"bootcmd", "x"}}));
}

}  // namespace
}  // namespace mox::modes
