#include "modes/shell.hpp"

#include "modes/console_shell.hpp"

namespace mox::modes {

boost::asio::awaitable<Expected<Afterwards>> rescue_shell(ModeContext& context) {
    context.log.info("a root shell is open on the serial console; leave it, or press the button, to reboot");
    auto end = co_await run_console_shell(context);
    if (!end) co_return pass_on(end);
    if (*end == ShellEnd::no_terminal)
        co_return fail(ErrorKind::internal, "the shell ended at once: is there a serial console?");
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
