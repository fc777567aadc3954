#include "boot/reboot.hpp"

#include <sys/reboot.h>
#include <unistd.h>

namespace mox::boot {

Expected<void> reboot_now() {
    ::sync();
    return reset_now();
}

Expected<void> reset_now() {
    ::reboot(RB_AUTOBOOT);
    return fail_errno(ErrorKind::internal, "cannot reboot; unplug the router and plug it in again");
}

}  // namespace mox::boot
