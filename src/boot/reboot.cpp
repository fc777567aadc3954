#include "boot/reboot.hpp"

#include <sys/reboot.h>
#include <unistd.h>

#include "base/file.hpp"

namespace mox::boot {

Expected<void> reboot_now(const std::filesystem::path& sysrq_trigger) {
    ::sync();
    return reset_now(sysrq_trigger);
}

Expected<void> reset_now(const std::filesystem::path& sysrq_trigger) {
    Expected<void> tried;
    // Does not return when it works.
    if (!sysrq_trigger.empty()) tried = write_existing_file(sysrq_trigger, "b", ErrorKind::internal);
    ::reboot(RB_AUTOBOOT);
    auto failed =
        fail_errno(ErrorKind::internal, "cannot reboot", errno, {"unplug the router and plug it in again"});
    if (!tried) return pass_on(tried, failed.error().describe());
    return failed;
}

}  // namespace mox::boot
