#include "modes/shell.hpp"

#include "modes/console_shell.hpp"

namespace mox::modes {

boost::asio::awaitable<Expected<Afterwards>> rescue_shell(ModeContext& context) {
    context.log.info("a root shell is open on the serial console; leave it, or press the button, to reboot");
    if (auto left = co_await run_console_shell(context); !left) co_return pass_on(left);
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
