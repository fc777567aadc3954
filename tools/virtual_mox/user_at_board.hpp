#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "base/error.hpp"
#include "led_decoder/user_model.hpp"
#include "virtual_mox/led_watch.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox {

/// What the boot loader did with the button, read from the LED: on, and off again 1 s later.
struct EnteredRescue {
    Clock::time_point lit;             ///< LED on: the boot loader samples the button
    Clock::time_point dark;            ///< LED off: rescue is started
    std::chrono::nanoseconds lit_for;  ///< by the board's own clock
};

/// Holds the button, plugs the power in, waits until the boot loader has lit the LED and put it out again,
/// and lets go `afterwards` later, as the manual says. Errors (`internal`): it does not.
[[nodiscard]] boost::asio::awaitable<Expected<EnteredRescue>> enter_rescue(
    Machine& machine, Clock::duration afterwards = std::chrono::milliseconds(300));

/// What was announced until the person had what they wanted, in order: 1, 2, 3, 3, 4, 4.
using Announcements = std::vector<int>;

/// Plays a person in front of the LED: presses the button at every announcement that `person` does not like,
/// until the second announcement of the wanted mode has been seen. 3 s later it is executed.
/// Errors (`internal`): no announcement within `patience` (each).
[[nodiscard]] boost::asio::awaitable<Expected<Announcements>> choose_mode(
    Machine& machine, LedWatch& watch, led_decoder::UserModel person,
    Clock::duration patience = std::chrono::seconds(600));

/// `enter_rescue` and `choose_mode` for somebody who knows what they want and misses nothing.
[[nodiscard]] boost::asio::awaitable<Expected<Announcements>> start_rescue_mode(Machine& machine,
                                                                                LedWatch& watch, int mode);

}  // namespace mox::virtual_mox
