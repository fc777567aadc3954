#include "rescue/modes/rescue_shell.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "async/waiting.hpp"
#include "base/file.hpp"
#include "base/running_child.hpp"
#include "base/unique_fd.hpp"
#include "rescue/modes/motd.hpp"

namespace mox::rescue {

boost::asio::awaitable<Expected<ModeOutcome>> rescue_shell(update::Context& context) {
    context.log.info("a root shell is open on the serial console; leave it, or press the button, to reboot");
    if (auto left = co_await run_console_shell(context); !left) co_return pass_on(left);
    co_return ModeOutcome::reboot;
}

namespace {

/// Opens the console, which must be a terminal: on another file the shell would read the end of its input at
/// once, and this would look like an exit of the user.
Expected<UniqueFd> open_terminal(const std::filesystem::path& console) {
    auto terminal = open_file(console, O_WRONLY | O_NOCTTY, ErrorKind::internal);
    if (terminal && ::isatty(terminal->get()) != 1)
        return fail(ErrorKind::internal, console.native() + " is not a terminal, so it cannot run a shell");
    return terminal;
}

void print_motd(const update::Context& context, const UniqueFd& terminal) {
    const auto text = motd(context.board, context.system_paths.run_directory / "log");
    const auto shown =
        write_all(terminal.get(), text, context.system_paths.console.native(), ErrorKind::internal);
    if (!shown) context.log.warning(shown.error().describe());
}

}  // namespace

boost::asio::awaitable<Expected<void>> run_console_shell(update::Context& context) {
    const auto& system_paths = context.system_paths;
    if (system_paths.console.empty())
        co_return fail(ErrorKind::internal,
                       "no console of this machine is known, so no shell can be started");
    {
        auto terminal = CO_TRY(open_terminal(system_paths.console));
        print_motd(context, terminal);
    }
    auto shell = CO_TRY(RunningChild::start({
        .argv = system_paths.shell,
        .environment = {"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=" + system_paths.shell.front(),
                        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=vt100"},
        .terminal = system_paths.console,
        .stop_signal = SIGHUP,
    }));
    (void)co_await async::end_of(shell);
    co_return Expected<void>();
}

}  // namespace mox::rescue
