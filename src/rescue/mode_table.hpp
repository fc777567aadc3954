#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>

#include "base/error.hpp"
#include "boot/mode.hpp"
#include "update/context.hpp"

namespace mox::rescue {

/// What the router does after a mode has succeeded.
enum class ModeOutcome { reboot, stay };

enum class PressWhileRunning { ignored, reboots };

/// The effect of a drive that is plugged in while the LED shows error 2 (no valid medkit).
enum class NewDrive { ignored, tries_again };

using ModeFunction = boost::asio::awaitable<Expected<ModeOutcome>> (*)(update::Context&);

/// What the LED shows while the mode runs.
enum class LedWhileRunning {
    blinks,  ///< slowly: the router works and must not be unplugged
    lit      ///< steadily: the router waits for the user
};

// No default values for the first members, so that the compiler warns of an entry without them.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct ModeEntry {
    boot::Mode mode;
    ModeFunction run;
    PressWhileRunning press;  ///< the manual forbids resets in modes 2, 3, 4 and 6
    NewDrive new_drive = NewDrive::ignored;
    LedWhileRunning led = LedWhileRunning::blinks;
};

/// The modes that this build has; a mode without an entry is not implemented.
[[nodiscard]] std::span<const ModeEntry> mode_table();

}  // namespace mox::rescue
