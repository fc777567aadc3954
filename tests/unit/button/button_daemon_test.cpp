// Presses become deeds: over a fake machine, and a LED made of files.
#include "button/button_daemon.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "support/temporary_directory.hpp"

namespace mox::button {
namespace {

using namespace std::chrono_literals;
using board::ButtonEdge;
namespace fs = std::filesystem;

class FakeSystemControl final : public SystemControl {
public:
    Expected<pid_t> start_reboot() override { return start("reboot"); }
    Expected<pid_t> start_factory_reset() override { return start("factory reset"); }
    Expected<void> reset() override {
        actions.emplace_back("reset");
        return fail(ErrorKind::internal, "this machine does not reset");
    }

    std::vector<std::string> actions;
    bool broken = false;
    static constexpr pid_t child = 4711;

private:
    Expected<pid_t> start(const char* action) {
        if (broken) return fail(ErrorKind::internal, "no process left");
        actions.emplace_back(action);
        return child;
    }
};

using Actions = std::vector<std::string>;

struct ButtonDaemonTest : testing::Test {
    ButtonDaemonTest() {
        fs::create_directories(led);
        write("trigger", "none timer [heartbeat] default-on\n");
        write("brightness", "1\n");
        write("max_brightness", "1\n");
        write("delay_on", "");
        write("delay_off", "");
        operation.emplace(Settings{}, machine, light, log);
    }

    void write(const char* file, std::string_view text) const { std::ofstream(led / file) << text; }
    [[nodiscard]] std::string read(const char* file) const {
        return read_small_file(led / file, ErrorKind::internal).value_or("");
    }
    [[nodiscard]] bool dark() const { return read("trigger") == "none" && read("brightness") == "0"; }

    void press(Clock::duration held) {
        hold(held);
        release();
    }
    void hold(Clock::duration held) {
        operation->on_event({ButtonEdge::pressed, now});
        now += held;
        operation->wait_until(now);
    }
    void release() {
        operation->on_event({ButtonEdge::released, now});
        now += 1s;
        operation->wait_until(now);
    }
    void become_a_shield() {
        Settings settings;
        settings.long_press = LongPress::factory_reset;
        operation.reset();
        operation.emplace(settings, machine, light, log);
    }
    [[nodiscard]] std::string logged() const {
        return read_small_file(log_file, ErrorKind::internal).value_or("");
    }
    [[nodiscard]] bool logged(const std::string& words) const {
        return logged().find(words) != std::string::npos;
    }

    test_support::TemporaryDirectory folder;
    fs::path led = folder / "sys/class/leds/mox:red:activity";
    fs::path log_file = folder / "log";
    UniqueFd out{::open(log_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0600)};
    Clock::time_point now{1h};
    FakeSystemControl machine;
    LedOverride light{board::turris_mox(), folder / "sys"};
    EventLog log{out.get(), EventLog::Style::plain};
    std::optional<ButtonDaemon> operation;
};

TEST_F(ButtonDaemonTest, AShortPressRebootsGracefullyAndLeavesTheLedAlone) {
    press(1s);
    EXPECT_EQ(machine.actions, Actions{"reboot"});
    EXPECT_EQ(read("trigger"), "none timer [heartbeat] default-on\n");
    EXPECT_TRUE(logged("level=info event=reboot held=1.000 command=reboot\n")) << logged();
}

TEST_F(ButtonDaemonTest, AtFourSecondsTheLedGoesDarkAndTheReleaseResets) {
    hold(3999ms);
    EXPECT_FALSE(dark());
    now += 1ms;
    operation->wait_until(now);
    EXPECT_TRUE(dark());
    EXPECT_TRUE(machine.actions.empty());
    release();
    EXPECT_EQ(machine.actions, Actions{"reset"});
    EXPECT_TRUE(logged("event=reset reason=\"long press\" held=4.000"));
}

TEST_F(ButtonDaemonTest, AResetThatFailsIsToldAndGivesTheLedBack) {
    press(5s);
    EXPECT_TRUE(logged("level=error event=failed message=\"this machine does not reset\"")) << logged();
    EXPECT_EQ(read("trigger"), "heartbeat");
}

TEST_F(ButtonDaemonTest, AStuckButtonGivesTheLedBackAndItsReleaseDoesNothing) {
    hold(21s);
    EXPECT_EQ(read("trigger"), "heartbeat");
    release();
    EXPECT_TRUE(machine.actions.empty());
    EXPECT_TRUE(logged("level=warning event=stuck held=20.000")) << logged();
    press(1s);
    EXPECT_EQ(machine.actions, Actions{"reboot"});
}

TEST_F(ButtonDaemonTest, ALedThatSomebodySetIsGivenBackAsItWas) {
    write("trigger", "[none] timer heartbeat\n");
    write("brightness", "37\n");
    hold(5s);
    EXPECT_TRUE(dark());
    operation->button_lost(now);
    EXPECT_EQ(read("trigger"), "none");
    EXPECT_EQ(read("brightness"), "37");
    EXPECT_TRUE(machine.actions.empty());
    EXPECT_TRUE(logged("event=ignored held=5.000 reason=\"the button vanished\"")) << logged();
}

TEST_F(ButtonDaemonTest, TheLedIsGivenBackWhenTheProgramEnds) {
    hold(5s);
    EXPECT_TRUE(dark());
    operation.reset();
    EXPECT_EQ(read("trigger"), "heartbeat");
}

TEST_F(ButtonDaemonTest, WithoutALedTheButtonWorks) {
    fs::remove_all(folder / "sys");
    press(5s);
    EXPECT_EQ(machine.actions, Actions{"reset"});
    EXPECT_TRUE(logged("level=warning event=led")) << logged();
    press(1s);
    EXPECT_EQ(machine.actions, (Actions{"reset", "reboot"}));
}

TEST_F(ButtonDaemonTest, ALedThatAppearsLateIsUsed) {
    fs::rename(folder / "sys", folder / "later");
    press(5s);
    fs::rename(folder / "later", folder / "sys");
    hold(5s);
    EXPECT_TRUE(dark());
}

TEST_F(ButtonDaemonTest, WhileTheRebootHangsAShortPressIsIgnoredAndALongOneResets) {
    press(1s);
    press(1s);
    EXPECT_EQ(machine.actions, Actions{"reboot"});
    EXPECT_TRUE(logged("event=ignored held=1.000 reason=\"the press before is being worked on\""));
    press(5s);
    EXPECT_EQ(machine.actions, (Actions{"reboot", "reset"}));
}

TEST_F(ButtonDaemonTest, ARebootCommandThatFailsIsToldAndTheNextPressTriesAgain) {
    press(1s);
    operation->child_ended(FakeSystemControl::child, 127);
    EXPECT_TRUE(logged("level=error event=failed work=\"reboot command\" status=127")) << logged();
    EXPECT_TRUE(operation->may_end());
    press(1s);
    EXPECT_EQ(machine.actions, (Actions{"reboot", "reboot"}));
}

TEST_F(ButtonDaemonTest, ARebootCommandThatCannotBeStartedIsToldAndTheNextPressTriesAgain) {
    machine.broken = true;
    press(1s);
    EXPECT_TRUE(logged("level=error event=failed message=\"no process left\"")) << logged();
    EXPECT_TRUE(operation->may_end());
    machine.broken = false;
    press(1s);
    EXPECT_EQ(machine.actions, Actions{"reboot"});
}

TEST_F(ButtonDaemonTest, ItStaysDuringTheRebootThatItBeganAndCanStillReset) {
    EXPECT_TRUE(operation->may_end());
    press(1s);
    EXPECT_FALSE(operation->may_end());
    operation->child_ended(FakeSystemControl::child, 0);
    EXPECT_FALSE(operation->may_end()) << "the command has only begun the reboot";
    press(5s);
    EXPECT_EQ(machine.actions, (Actions{"reboot", "reset"}));
}

TEST_F(ButtonDaemonTest, OtherPeoplesChildrenDoNotMatter) {
    press(1s);
    operation->child_ended(FakeSystemControl::child + 1, 1);
    EXPECT_FALSE(operation->may_end());
}

TEST_F(ButtonDaemonTest, OnAShieldALongPressGoesBackToFactoryAndThenResets) {
    become_a_shield();
    press(5s);
    EXPECT_EQ(machine.actions, Actions{"factory reset"});
    EXPECT_EQ(read("trigger"), "timer");
    EXPECT_EQ(read("delay_on"), "500");
    operation->child_ended(FakeSystemControl::child, 0);
    EXPECT_EQ(machine.actions, (Actions{"factory reset", "reset"}));
}

TEST_F(ButtonDaemonTest, AFactoryResetThatFailsDoesNotReset) {
    become_a_shield();
    press(5s);
    operation->child_ended(FakeSystemControl::child, 4);
    EXPECT_EQ(machine.actions, Actions{"factory reset"});
    EXPECT_EQ(read("trigger"), "heartbeat");
    EXPECT_TRUE(logged("level=error event=failed work=\"factory reset\" status=4")) << logged();
}

TEST_F(ButtonDaemonTest, AFactoryResetThatHangsIsEndedByTheNextLongPress) {
    become_a_shield();
    press(5s);
    press(1s);
    press(5s);
    EXPECT_EQ(machine.actions, (Actions{"factory reset", "reset"}));
}

TEST_F(ButtonDaemonTest, OnAShieldALongPressDuringTheRebootOnlyResets) {
    become_a_shield();
    press(1s);
    operation->child_ended(FakeSystemControl::child, 0);
    press(5s);
    EXPECT_EQ(machine.actions, (Actions{"reboot", "reset"}));
}

}  // namespace
}  // namespace mox::button
