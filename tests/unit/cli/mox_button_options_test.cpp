#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include "cli/mox_button/options.hpp"

namespace mox::cli::mox_button {
namespace {

std::variant<Options, EarlyExit> read(std::initializer_list<const char*> words) {
    return read_options(std::vector<const char*>(words));
}

TEST(ButtonOptions, WithoutAnyTheButtonIsTakenCareOf) {
    const auto options = std::get<Options>(read({}));
    EXPECT_EQ(options.task, Task::operate);
    EXPECT_EQ(options.root, "/");
}

TEST(ButtonOptions, TasksAndRootAreTaken) {
    EXPECT_EQ(std::get<Options>(read({"--check"})).task, Task::check);
    const auto options = std::get<Options>(read({"--root", "/mnt", "--is-enabled"}));
    EXPECT_EQ(options.task, Task::is_enabled);
    EXPECT_EQ(options.root, "/mnt");
}

TEST(ButtonOptions, HelpNamesEveryOptionAndEndsWell) {
    const auto help = std::get<EarlyExit>(read({"--help"}));
    EXPECT_EQ(help.status, 0);
    for (const auto* word : {"--check", "--is-enabled", "--root", "--help", "--version", "Exit status"})
        EXPECT_NE(help.text.find(word), std::string::npos) << word;
    const auto version = std::get<EarlyExit>(read({"--version"}));
    EXPECT_EQ(version.status, 0);
    EXPECT_TRUE(version.text.starts_with("mox-button "));
}

TEST(ButtonOptions, AMistakeIsToldAndEndsWith64) {
    for (const auto& words : {std::initializer_list<const char*>{"--dry-run"}, {"reboot"}, {"--root"}}) {
        const auto wrong = std::get<EarlyExit>(read(words));
        EXPECT_EQ(wrong.status, 64);
        EXPECT_NE(wrong.text.find("Try `mox-button --help`"), std::string::npos) << wrong.text;
    }
}

TEST(ButtonOptions, AnUnknownOptionIsToldWithTheNearestOne) {
    const auto wrong = std::get<EarlyExit>(read({"--is-enable"}));
    EXPECT_NE(wrong.text.find("there is no option --is-enable; did you mean --is-enabled?"),
              std::string::npos)
        << wrong.text;
}

}  // namespace
}  // namespace mox::cli::mox_button
