#include "modes/reboot.hpp"

namespace mox::modes {

boost::asio::awaitable<Expected<Afterwards>> run_reboot(ModeContext& context) {
    context.log.info("nothing is changed; the router reboots");
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
