#pragma once

#include "base/uevent.hpp"

namespace mox::storage {

/// Whether there may be another disk to look at: one was plugged in, or a card reader got a card.
[[nodiscard]] inline bool brings_a_disk(const Uevent& event) {
    if (event.subsystem != "block" || event.type != "disk") return false;
    return event.action == "add" || (event.action == "change" && event.media_change);
}

}  // namespace mox::storage
