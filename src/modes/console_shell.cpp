#include "modes/console_shell.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "base/file.hpp"
#include "base/running_child.hpp"
#include "base/unique_fd.hpp"
#include "modes/greeting.hpp"
#include "network/waiting.hpp"

namespace mox::modes {

namespace {

/// A shell on anything else would meet the end of its input at once, which looks like somebody leaving it.
Expected<UniqueFd> open_terminal(const std::filesystem::path& console) {
    auto terminal = open_file(console, O_WRONLY | O_NOCTTY, ErrorKind::internal);
    if (terminal && ::isatty(terminal->get()) != 1)
        return fail(ErrorKind::internal, console.native() + " is no terminal, so no shell on it");
    return terminal;
}

void greet(const ModeContext& context, const UniqueFd& terminal) {
    const auto text = greeting(context.board, context.surroundings.run_folder / "log");
    const auto shown =
        write_all(terminal.get(), text, context.surroundings.console.native(), ErrorKind::internal);
    if (!shown) context.log.warning(shown.error().describe());
}

}  // namespace

boost::asio::awaitable<Expected<void>> run_console_shell(ModeContext& context) {
    const auto& surroundings = context.surroundings;
    if (surroundings.console.empty())
        co_return fail(ErrorKind::internal, "this machine has no console that is known, so no shell on it");
    {
        auto terminal = CO_TRY(open_terminal(surroundings.console));
        greet(context, terminal);
    }
    auto shell = CO_TRY(RunningChild::start({
        .argv = surroundings.shell,
        .environment = {"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=" + surroundings.shell.front(),
                        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=vt100"},
        .terminal = surroundings.console,
        .stop_signal = SIGHUP,
    }));
    (void)co_await network::end_of(shell);
    co_return Expected<void>();
}

}  // namespace mox::modes
