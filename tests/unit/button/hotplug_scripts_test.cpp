// Which of the system's own scripts would act on a press as well.
#include "button/hotplug_scripts.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_directory.hpp"

namespace mox::button {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> names{"reset", "BTN_0"};

TEST(HotplugScripts, AScriptThatNamesTheButtonOrRebootsActs) {
    for (const auto* script : {
             "[ \"$BUTTON\" = reset ] && logger pressed\n",
             "#!/bin/sh\n. /lib/functions.sh\ncase \"$BUTTON\" in\nBTN_0) do_it ;;\nesac\n",
             "[ \"$ACTION\" = released ] && reboot\n",
             "uci_get system button\n/sbin/uci show system\n",
             "\tschnapps rollback factory\n",
         })
        EXPECT_TRUE(acts_on_button(script, names)) << script;
}

TEST(HotplugScripts, AScriptForAnotherButtonOrOneThatLogsDoesNot) {
    for (const auto* script : {
             "",
             "# reboot on reset\n",
             "   # reset\nlogger \"$BUTTON $ACTION\"\n",
             "[ \"$BUTTON\" = wps ] || exit 0\nwps_start\n",
             "[ \"$BUTTON\" = BTN_01 ] && preset_lights\n",
         })
        EXPECT_FALSE(acts_on_button(script, names)) << script;
}

struct HotplugScriptFiles : testing::Test {
    void write(const fs::path& name, std::string_view text,
               fs::perms permissions = fs::perms::owner_all) const {
        const auto file = root / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
        fs::permissions(file, permissions);
    }
    [[nodiscard]] std::vector<fs::path> found() const {
        std::vector<fs::path> files;
        for (const auto& file : find_hotplug_scripts(root.path(), names))
            files.push_back(fs::relative(file, root.path()));
        return files;
    }

    test_support::TemporaryDirectory root;
};

TEST_F(HotplugScriptFiles, ASystemWithoutScriptsHasNone) {
    EXPECT_EQ(found(), std::vector<fs::path>{});
}

TEST_F(HotplugScriptFiles, WhatProcdRunsForTheButtonIsFound) {
    write("etc/rc.button/reset", "#!/bin/sh\nreboot\n");
    write("etc/rc.button/BTN_0", "#!/bin/sh\n# nothing\nexit 0\n");
    write("etc/rc.button/wps", "#!/bin/sh\nreboot\n");
    write("etc/hotplug.d/button/50-reset", "[ $BUTTON = reset ] && reboot\n", fs::perms::owner_read);
    write("etc/hotplug.d/button/10-log", "logger $BUTTON\n");
    write("etc/hotplug.d/button/.hidden", "reboot\n");
    fs::create_directories(root / "etc/hotplug.d/button/directory");
    EXPECT_EQ(found(), (std::vector<fs::path>{"etc/hotplug.d/button/50-reset", "etc/rc.button/reset"}));
}

TEST_F(HotplugScriptFiles, AScriptOfRcButtonThatIsNotExecutableIsNotRun) {
    write("etc/rc.button/reset", "#!/bin/sh\nreboot\n", fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(found(), std::vector<fs::path>{});
}

}  // namespace
}  // namespace mox::button
