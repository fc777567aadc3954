#include "rescue/modes/reboot.hpp"

#include "update/environment_reset.hpp"

namespace mox::rescue {

boost::asio::awaitable<Expected<ModeOutcome>> run_reboot(update::Context& context) {
    // Also after a mode that failed: a user who reboots wants the system of the card.
    CO_TRY(update::begin_writing(context));
    if (auto finalized = update::finalize_environment(context, update::EnvironmentReset::none); !finalized)
        context.log.warning("the boot loader may start the rescue system again, because " +
                            finalized.error().describe());
    context.log.info("nothing is changed; the router reboots");
    co_return ModeOutcome::reboot;
}

}  // namespace mox::rescue
