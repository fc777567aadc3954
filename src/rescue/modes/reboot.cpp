#include "rescue/modes/reboot.hpp"

#include "update/environment_reset.hpp"

namespace mox::rescue {

boost::asio::awaitable<Expected<ModeOutcome>> run_reboot(update::Context& context) {
    // After a mode that was tried in vain: whoever wants to reboot wants the card's system.
    CO_TRY(update::begin_writing(context));
    if (auto settled = update::finalize_environment(context, update::EnvironmentReset::none); !settled)
        context.log.warning("the boot loader may start the rescue system again, because " +
                            settled.error().describe());
    context.log.info("nothing is changed; the router reboots");
    co_return ModeOutcome::reboot;
}

}  // namespace mox::rescue
