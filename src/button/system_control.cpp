#include "button/system_control.hpp"

#include "boot/reboot.hpp"
#include "button/spawn.hpp"

namespace mox::button {

Expected<pid_t> Router::start_reboot() {
    return spawn(reboot_command_);
}

Expected<pid_t> Router::start_factory_reset() {
    return spawn({"schnapps", "rollback", "factory"});
}

Expected<void> Router::reset() {
    return boot::reset_now(sysrq_trigger_);
}

}  // namespace mox::button
