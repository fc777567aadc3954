// The shell on the console, in modes 7 and 5: a person at a serial terminal.
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "boot/environment.hpp"
#include "rescue/modes/rescue_shell.hpp"
#include "rescue/modes/unsecured_ssh.hpp"
#include "support/loop_image.hpp"
#include "support/network_lab.hpp"
#include "support/terminal.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using rescue::ModeOutcome;

class NoDrives final : public storage::Drives {
public:
    Expected<std::vector<storage::Drive>> plugged_in() override { return std::vector<storage::Drive>{}; }
    awaitable<bool> change_before(Clock::time_point /*deadline*/) override { co_return false; }
};

class ConsoleShell : public testing::Test {
protected:
    ConsoleShell() {
        lab.replace_folder("/run");
        context.system_paths.console = terminal.name();
        context.system_paths.shell = {"/bin/sh"};
        context.system_paths.port = {.controller = {}, .name = "eth0"};
        log.add_listener([this](const LogLine& line) { said += line.text + "\n"; });
    }

    /// What ends a mode besides itself.
    enum class CutShort { never, when_person_leaves };

    /// Runs a mode while `person` sits at the terminal; nothing if the mode was cut short.
    std::optional<Expected<ModeOutcome>> run_mode(rescue::ModeFunction mode,
                                                  const std::function<void()>& person,
                                                  CutShort cut_short = CutShort::never) {
        boost::asio::io_context loop;
        boost::asio::steady_timer cut(loop, Clock::time_point::max());
        std::optional<Expected<ModeOutcome>> result;
        boost::asio::co_spawn(loop, play(mode, cut, result), [](const std::exception_ptr& bug) {
            if (bug) std::rethrow_exception(bug);
        });
        const std::jthread typing([&] {
            person();
            if (cut_short == CutShort::when_person_leaves)
                boost::asio::post(loop, [&] { cut.expires_at(Clock::time_point::min()); });
        });
        loop.run();
        return result;
    }

    NetworkLab lab;
    Terminal terminal;
    board::Description board = board::turris_mox();
    NoDrives drives;
    Log log;
    boot::NoEnvironment environment{log};
    Progress progress;
    std::string said;
    update::Context context{.board = board,
                            .drives = drives,
                            .environment = environment,
                            .log = log,
                            .progress = progress,
                            .keys = {},
                            .variant = {}};

private:
    awaitable<void> play(rescue::ModeFunction mode, boost::asio::steady_timer& cut,
                         std::optional<Expected<ModeOutcome>>& result) {
        using namespace boost::asio::experimental::awaitable_operators;
        auto first =
            co_await (mode(context) || cut.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
        if (first.index() == 0) result.emplace(std::move(std::get<0>(first)));
    }
};

TEST_F(ConsoleShell, GreetsAndBelongsToRootAndRebootsWhenItIsLeft) {
    std::string screen;
    const auto end = run_mode(&rescue::rescue_shell, [&] {
        screen = terminal.screen_until("reboot.\r\n");
        terminal.type("echo I am $(id -u) in $HOME on $(tty)\n");
        screen += terminal.screen_until(terminal.name());
        terminal.type("exit\n");
    });
    ASSERT_TRUE(end && *end);
    EXPECT_EQ(**end, ModeOutcome::reboot);
    EXPECT_TRUE(screen.contains("rescue system of the Turris MOX")) << screen;
    EXPECT_TRUE(screen.contains("I am 0 in /root on " + terminal.name())) << screen;
}

TEST_F(ConsoleShell, HasJobControl) {
    std::string screen;
    const auto end = run_mode(&rescue::rescue_shell, [&] {
        (void)terminal.screen_until("reboot.\r\n");
        // What says so is in the foreground by then.
        terminal.type("sh -c 'echo begin-$((1 + 1)); exec sleep 60'\n");
        screen = terminal.screen_until("begin-2");
        terminal.type("\x1a");  // suspends what is in the foreground
        terminal.type("jobs; echo jobs-$((1 + 1))\n");
        screen += terminal.screen_until("jobs-2");
        terminal.type("kill %1; exit; exit\n");
    });
    EXPECT_TRUE(end && *end);
    EXPECT_FALSE(screen.contains("job control turned off")) << screen;
    EXPECT_TRUE(screen.contains("Stopped") || screen.contains("Suspended")) << screen;
}

TEST_F(ConsoleShell, IsHungUpWhenTheButtonIsPressed) {
    std::string screen;
    const auto end = run_mode(
        &rescue::rescue_shell, [&] { screen = terminal.screen_until("reboot.\r\n"); },
        CutShort::when_person_leaves);
    EXPECT_FALSE(end) << "cut short, as a press does";
    EXPECT_THROW((void)child_called("sh"), std::runtime_error);
}

TEST_F(ConsoleShell, ThatCannotBeOpenedIsAnError) {
    context.system_paths.console = "/dev/no-such-terminal";
    const auto end = run_mode(&rescue::rescue_shell, [] {});
    ASSERT_TRUE(end && !*end);
    EXPECT_EQ(end->error().kind(), ErrorKind::internal);
    EXPECT_TRUE(end->error().describe().contains("/dev/no-such-terminal")) << end->error().describe();
}

TEST_F(ConsoleShell, ThatIsNoTerminalIsAnErrorAndNoReboot) {
    context.system_paths.console = "/dev/null";
    const auto end = run_mode(&rescue::rescue_shell, [] {});
    ASSERT_TRUE(end && !*end);
    EXPECT_TRUE(end->error().describe().contains("/dev/null is not a terminal")) << end->error().describe();
}

TEST_F(ConsoleShell, IsOpenInMode5AsWellAndLeavingItReboots) {
    const auto end = run_mode(&rescue::unsecured_ssh, [&] {
        (void)terminal.screen_until("reboot.\r\n");
        terminal.type("exit\n");
    });
    ASSERT_TRUE(end && *end) << said;
    EXPECT_EQ(**end, ModeOutcome::reboot);
}

TEST_F(ConsoleShell, ThatIsMissingInMode5LeavesTheNetworkAlone) {
    context.system_paths.console = "/dev/no-such-terminal";
    std::promise<void> ready;
    log.add_listener([&](const LogLine& line) {
        if (line.text.starts_with("ready:")) ready.set_value();
    });
    const auto end =
        run_mode(&rescue::unsecured_ssh, [&] { ready.get_future().wait(); }, CutShort::when_person_leaves);
    EXPECT_FALSE(end) << "it goes on";
    EXPECT_TRUE(said.contains("ready:")) << said;
    EXPECT_TRUE(said.contains("/dev/no-such-terminal")) << said;
    EXPECT_THROW((void)child_called("dropbear"), std::runtime_error) << "and ends with its server";
}

}  // namespace
}  // namespace mox::test_support
