// What QEMU says on its sockets, and what we say to it.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "virtual_mox/front_panel_message.hpp"
#include "virtual_mox/qmp_message.hpp"
#include "virtual_mox/wire.hpp"

namespace mox::virtual_mox {
namespace {

using nlohmann::json;

TEST(QmpMessage, TheGreetingTellsTheVersion) {
    const auto message = parse_qmp(
        R"({"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}})");
    ASSERT_TRUE(message);
    ASSERT_TRUE(std::holds_alternative<QmpGreeting>(*message));
    EXPECT_EQ(std::get<QmpGreeting>(*message).version, "7.2.22");
}

TEST(QmpMessage, AnAnswerBelongsToTheCommandWithItsNumber) {
    const auto message = parse_qmp(R"({"return": {"status": "running"}, "id": 17})");
    ASSERT_TRUE(message);
    const auto& answer = std::get<QmpAnswer>(*message);
    EXPECT_EQ(answer.id, 17U);
    ASSERT_TRUE(answer.result);
    EXPECT_EQ(answer.result->at("status"), "running");
}

TEST(QmpMessage, ARefusalCarriesQemusReason) {
    const auto message =
        parse_qmp(R"({"error": {"class": "GenericError", "desc": "Node st is in use"}, "id": 3})");
    ASSERT_TRUE(message);
    const auto& answer = std::get<QmpAnswer>(*message);
    EXPECT_EQ(answer.id, 3U);
    ASSERT_FALSE(answer.result);
    EXPECT_EQ(answer.result.error().message(), "Node st is in use");
}

TEST(QmpMessage, WhatHappensByItselfHasANameAndData) {
    const auto reset = parse_qmp(
        R"({"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RESET", "data": {"guest": true, "reason": "guest-reset"}})");
    ASSERT_TRUE(reset);
    EXPECT_EQ(std::get<QmpNotice>(*reset).name, "RESET");
    EXPECT_EQ(std::get<QmpNotice>(*reset).data.at("reason"), "guest-reset");
    const auto resume = parse_qmp(R"({"event": "RESUME"})");
    ASSERT_TRUE(resume);
    EXPECT_TRUE(std::get<QmpNotice>(*resume).data.is_object());
}

TEST(QmpMessage, AnythingElseIsNoQmp) {
    for (const auto* line :
         {"", "nonsense", "[]", "{}", "17", R"({"event": 3})", R"({"id": 4})", "{\"return\": "})
        EXPECT_FALSE(parse_qmp(line)) << line;
}

TEST(QmpMessage, ACommandIsOneLineOfJson) {
    json arguments;
    arguments["name"] = "eth0";
    arguments["up"] = false;
    const auto line = qmp_command_line(5, "set_link", arguments);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto parsed = json::parse(line);
    EXPECT_EQ(parsed.at("execute"), "set_link");
    EXPECT_EQ(parsed.at("id"), 5);
    EXPECT_EQ(parsed.at("arguments"), arguments);
    EXPECT_FALSE(json::parse(qmp_command_line(6, "cont", json())).contains("arguments"));
}

TEST(FrontPanelMessage, EdgesHaveTheirVirtualTime) {
    using namespace std::chrono_literals;
    const auto lit = parse_panel("1500000123 led 1");
    ASSERT_TRUE(lit);
    EXPECT_EQ(lit->at, 1500ms + 123ns);
    EXPECT_TRUE(std::get<PanelLed>(lit->what).lit);
    EXPECT_FALSE(std::get<PanelLed>(parse_panel("0 led 0")->what).lit);
    EXPECT_TRUE(std::get<PanelButton>(parse_panel("7 button 1")->what).down);
    EXPECT_FALSE(std::get<PanelButton>(parse_panel("7 button 0")->what).down);
    EXPECT_TRUE(std::holds_alternative<PanelReset>(parse_panel("7 reset")->what));
    EXPECT_TRUE(std::holds_alternative<PanelTime>(parse_panel("7 time")->what));
    EXPECT_TRUE(std::holds_alternative<PanelGap>(parse_panel("7 lost")->what));
    EXPECT_EQ(std::get<PanelRefusal>(parse_panel("7 error unknown command: x")->what).text,
              "unknown command: x");
}

TEST(FrontPanelMessage, AnythingElseIsNoLineOfAPanel) {
    for (const auto* line : {"", "7", "7 ", "led 1", "-1 led 1", "7 led", "7 led 2", "7 led 1 ", "7  led 1",
                             "7 LED 1", "7x led 1", "7 button", "7 time now", "99999999999999999999 time"})
        EXPECT_FALSE(parse_panel(line)) << line;
}

TEST(FrontPanelMessage, CommandsMayWaitForATime) {
    EXPECT_EQ(press_command(true), "button 1");
    EXPECT_EQ(at_command(VirtualTime(5), press_command(false)), "at 5 button 0");
    EXPECT_EQ(tell_time_command(), "time");
    EXPECT_EQ(forget_command(), "forget");
}

TEST(LineSplitter, PutsLinesTogetherThatComeInPieces) {
    LineSplitter lines;
    EXPECT_TRUE(lines.add("IRQ ra").empty());
    EXPECT_EQ(lines.add("ise 1\nOK\r\nIR"), (std::vector<std::string>{"IRQ raise 1", "OK"}));
    EXPECT_EQ(lines.add("Q lower 1\n\n"), (std::vector<std::string>{"IRQ lower 1", ""}));
}

}  // namespace
}  // namespace mox::virtual_mox
