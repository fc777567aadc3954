#include "modes/console_shell.hpp"

#include <fcntl.h>

#include <chrono>
#include <csignal>
#include <string>

#include "base/file.hpp"
#include "base/running_child.hpp"
#include "base/units.hpp"
#include "modes/greeting.hpp"
#include "network/waiting.hpp"

namespace mox::modes {

namespace {

/// Nobody is as quick as that: the shell has met the end of its input.
constexpr std::chrono::milliseconds quicker_than_anybody{500};

void greet(const ModeContext& context) {
    const auto& console = context.surroundings.console;
    const auto terminal = open_file(console, O_WRONLY | O_NOCTTY, ErrorKind::internal);
    if (!terminal) return;  // the shell will not open either, and tell
    const auto text = greeting(context.board, context.surroundings.run_folder / "log");
    if (const auto shown = write_all(terminal->get(), text, console.native(), ErrorKind::internal); !shown)
        context.log.warning(shown.error().describe());
}

}  // namespace

boost::asio::awaitable<Expected<ShellEnd>> run_console_shell(ModeContext& context) {
    const auto& surroundings = context.surroundings;
    if (surroundings.console.empty())
        co_return fail(ErrorKind::internal, "this machine has no console that is known, so no shell on it");
    greet(context);
    const auto start = Clock::now();
    auto shell = RunningChild::start({
        .argv = surroundings.shell,
        .environment = {"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=" + surroundings.shell.front(),
                        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=vt100"},
        .terminal = surroundings.console,
        .stop_signal = SIGHUP,
    });
    if (!shell) co_return pass_on(shell);
    (void)co_await network::end_of(*shell);
    co_return Clock::now() - start < quicker_than_anybody ? ShellEnd::no_terminal : ShellEnd::left;
}

}  // namespace mox::modes
