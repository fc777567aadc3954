#include "operation/router.hpp"

#include "boot/reboot.hpp"
#include "operation/side_process.hpp"

namespace mox::operation {

Expected<pid_t> Router::start_reboot() {
    return start_aside(reboot_command_);
}

Expected<pid_t> Router::start_factory_reset() {
    return start_aside({"schnapps", "rollback", "factory"});
}

Expected<void> Router::reset() {
    return boot::reset_now(sysrq_trigger_);
}

}  // namespace mox::operation
