#include "modes/reboot.hpp"

#include "modes/environment_reset.hpp"

namespace mox::modes {

boost::asio::awaitable<Expected<Afterwards>> run_reboot(ModeContext& context) {
    // After a mode that was tried in vain: whoever wants to reboot wants the card's system.
    CO_TRY(begin_writing(context));
    if (auto settled = settle_environment(context, EnvironmentReset::none); !settled)
        context.log.warning("the boot loader may start the rescue system again, because " +
                            settled.error().describe());
    context.log.info("nothing is changed; the router reboots");
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
