#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "base/error.hpp"
#include "led_decoder/user_model.hpp"
#include "virtual_mox/led_watch.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox {

/// The boot loader's sampling of the button, read from the LED: on, and off again 1 s later.
struct EnteredRescue {
    Clock::time_point lit;             ///< LED on: the boot loader samples the button
    Clock::time_point dark;            ///< LED off: rescue is started
    std::chrono::nanoseconds lit_for;  ///< by the board's clock
};

/// Holds the button, switches the power on, waits until the boot loader has switched the LED on and off, and
/// releases the button `afterwards` later, as in the manual. Errors (`internal`): it does not.
[[nodiscard]] boost::asio::awaitable<Expected<EnteredRescue>> enter_rescue(
    Machine& machine, Clock::duration afterwards = std::chrono::milliseconds(300));

/// The announcements until the wanted mode was selected, in order: 1, 2, 3, 3, 4, 4.
using Announcements = std::vector<int>;

/// Acts as `user`: presses the button after each announcement of another mode, until the second announcement
/// of the wanted mode. 3 s later the mode is executed. Errors (`internal`): no announcement within `timeout`
/// (each).
[[nodiscard]] boost::asio::awaitable<Expected<Announcements>> choose_mode(
    Machine& machine, LedWatch& watch, led_decoder::UserModel user,
    Clock::duration timeout = std::chrono::seconds(600));

/// `enter_rescue` and `choose_mode` for a user who wants `mode` and misses no announcement.
[[nodiscard]] boost::asio::awaitable<Expected<Announcements>> start_rescue_mode(Machine& machine,
                                                                                LedWatch& watch, int mode);

}  // namespace mox::virtual_mox
