#include "button/settings.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/uci_file.hpp"
#include "support/temporary_directory.hpp"

namespace mox::button {
namespace {

using namespace std::chrono_literals;

std::string trouble_of(std::string_view text) {
    const auto read = read_settings(text);
    return read.warnings.empty() ? "" : read.warnings.front();
}

TEST(ButtonSettings, WithoutAFileTheManualsValuesHold) {
    const auto read = read_settings("");
    EXPECT_TRUE(read.warnings.empty());
    EXPECT_EQ(read.settings, Settings{});
    EXPECT_EQ(read.settings.thresholds.long_press, 4s);
    EXPECT_EQ(read.settings.thresholds.stuck, 20s);
    EXPECT_EQ(read.settings.reboot_command, std::vector<std::string>{"reboot"});
    EXPECT_EQ(read.settings.long_press, LongPress::reset);
    EXPECT_FALSE(read.settings.handled_by_hand);
}

TEST(ButtonSettings, EverySettingIsTaken) {
    const auto read = read_settings(
        "# the button\n"
        "\n"
        "long_press_after = 2.5\n"
        "  stuck_after=30\t\r\n"
        "reboot_command = systemctl  reboot \"--message=button pressed\"\n"
        "long_press = factory-reset\n"
        "handled_by_hand = yes");
    EXPECT_EQ(read.warnings, std::vector<std::string>{});
    EXPECT_EQ(read.settings.thresholds.long_press, 2500ms);
    EXPECT_EQ(read.settings.thresholds.stuck, 30s);
    EXPECT_EQ(read.settings.reboot_command,
              (std::vector<std::string>{"systemctl", "reboot", "--message=button pressed"}));
    EXPECT_EQ(read.settings.long_press, LongPress::factory_reset);
    EXPECT_TRUE(read.settings.handled_by_hand);
}

TEST(ButtonSettings, AMistakeIsToldWithItsLineAndLeavesTheDefault) {
    const auto read = read_settings("\nlong_press_after = four\nhandled_by_hand = true\n");
    EXPECT_EQ(read.warnings,
              std::vector<std::string>{"line 2: long_press_after = four: not between 1 and 60 seconds"});
    EXPECT_EQ(read.settings.thresholds.long_press, 4s);
    EXPECT_TRUE(read.settings.handled_by_hand);
}

TEST(ButtonSettings, WhatCannotBeRightIsNotTaken) {
    for (const auto* text : {"long_press_after = 0",
                             "long_press_after = 0.999",
                             "long_press_after = 61",
                             "long_press_after = -4",
                             "long_press_after = 4s",
                             "long_press_after = 4.",
                             "long_press_after = .5",
                             "long_press_after = 4.0001",
                             "long_press_after = 99999999999",
                             "long_press_after =",
                             "stuck_after = 1",
                             "stuck_after = 601",
                             "reboot_command =",
                             "reboot_command = \"reboot",
                             "reboot_command = \"\" now",
                             "handled_by_hand = ture",
                             "long_press = reboot",
                             "colour = red",
                             "= 4",
                             "reboot"}) {
        EXPECT_NE(trouble_of(text), "") << text;
        EXPECT_EQ(read_settings(text).settings, Settings{}) << text;
    }
}

TEST(ButtonSettings, AButtonIsNotStuckBeforeItIsLong) {
    const auto read = read_settings("long_press_after = 10\nstuck_after = 10\n");
    ASSERT_EQ(read.warnings.size(), 1U);
    EXPECT_EQ(read.settings.thresholds, Thresholds{});
}

bool by_hand(std::string_view uci) {
    return handled_by_hand(config::parse_uci(uci));
}

TEST(ButtonSettings, TurrisOsOptionIsHonoured) {
    EXPECT_TRUE(by_hand("config system\n\toption handle_mox_button_manually '1'\n"));
    EXPECT_TRUE(by_hand("config system 'system'\n option handle_mox_button_manually true\n"));
    EXPECT_FALSE(by_hand("config system\n option handle_mox_button_manually '0'\n"));
    EXPECT_FALSE(by_hand("config system\n option hostname turris\n"));
    EXPECT_FALSE(by_hand("config system\n option handle_mox_button_manually 'perhaps'\n"));
    EXPECT_FALSE(by_hand(""));
}

TEST(ButtonSettings, OnlyTheFirstSystemSectionIsAsked) {
    EXPECT_FALSE(
        by_hand("config timeserver ntp\n option handle_mox_button_manually 1\n"
                "config system\n option hostname turris\n"
                "config system\n option handle_mox_button_manually 1\n"));
    EXPECT_TRUE(
        by_hand("config timeserver ntp\n"
                "config system\n option handle_mox_button_manually 1\n"
                "config system\n option handle_mox_button_manually 0\n"));
}

/// The lines of the shipped file that are settings, without the `#` that takes them out.
std::string settings_in_shipped_file() {
    std::ifstream file(std::filesystem::path(MOX_SOURCE_FOLDER) / "packaging/mox-button.conf");
    std::string settings;
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("#") && !line.starts_with("# ")) settings += line.substr(1) + "\n";
    return settings;
}

TEST(ButtonSettings, TheShippedFileShowsEverySettingWithItsDefault) {
    const auto text = settings_in_shipped_file();
    const auto read = read_settings(text);
    EXPECT_EQ(read.warnings, std::vector<std::string>{});
    EXPECT_EQ(read.settings, Settings{});
    for (const auto* name :
         {"long_press_after", "stuck_after", "reboot_command", "long_press ", "handled_by_hand"})
        EXPECT_NE(text.find(name), std::string::npos) << name;
}

struct LoadSettings : testing::Test {
    void write(const std::string& name, std::string_view text) const {
        const auto file = root / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }

    test_support::TemporaryDirectory root;
};

TEST_F(LoadSettings, FilesThatDoNotExistSayNothing) {
    const auto read = load_settings(root.path());
    EXPECT_TRUE(read.warnings.empty());
    EXPECT_EQ(read.settings, Settings{});
}

TEST_F(LoadSettings, EitherFileCanSayThatTheButtonIsHandledByHand) {
    write("etc/config/system", "config system\n option handle_mox_button_manually 1\n");
    EXPECT_TRUE(load_settings(root.path()).settings.handled_by_hand);
    write("etc/mox-button.conf", "handled_by_hand = false\nlong_press_after = 5\n");
    EXPECT_TRUE(load_settings(root.path()).settings.handled_by_hand);
    EXPECT_EQ(load_settings(root.path()).settings.thresholds.long_press, 5s);
    write("etc/config/system", "");
    EXPECT_FALSE(load_settings(root.path()).settings.handled_by_hand);
    write("etc/mox-button.conf", "handled_by_hand = true\n");
    EXPECT_TRUE(load_settings(root.path()).settings.handled_by_hand);
}

TEST_F(LoadSettings, AFileThatCannotBeReadIsTrouble) {
    std::filesystem::create_directories(root / "etc/mox-button.conf");
    const auto read = load_settings(root.path());
    ASSERT_EQ(read.warnings.size(), 1U);
    EXPECT_NE(read.warnings.front().find("etc/mox-button.conf: Is a directory"), std::string::npos)
        << read.warnings.front();
    EXPECT_EQ(read.settings, Settings{});
}

TEST_F(LoadSettings, MistakesNameTheFile) {
    write("etc/mox-button.conf", "colour = red\n");
    const auto read = load_settings(root.path());
    ASSERT_EQ(read.warnings.size(), 1U);
    EXPECT_EQ(read.warnings.front(),
              (root / "etc/mox-button.conf").native() + ": line 1: colour = red: there is no such setting");
}

}  // namespace
}  // namespace mox::button
