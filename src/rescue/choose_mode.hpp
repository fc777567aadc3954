#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/log.hpp"
#include "base/units.hpp"
#include "board/button.hpp"
#include "board/led.hpp"
#include "boot/mode.hpp"
#include "rescue/selector.hpp"

namespace mox::rescue {

/// Receives the events of the selection, to show them as text.
class SelectionObserver {
public:
    virtual ~SelectionObserver() = default;

    /// The first (1) or second (2) announcement of `mode` begins.
    virtual void announcing(boot::Mode mode, int repetition) = 0;
    /// A press was accepted; `next` is announced next.
    virtual void pressed(boot::Mode next) = 0;
    virtual void released() = 0;
};

/// The time source: the real clock, or that of a test.
using Now = Clock::time_point (*)();

/// Connects LED and button with `selector` until a mode is chosen. If the LED cannot be written, logs it once
/// and goes on. `observer` may be null.
[[nodiscard]] boost::asio::awaitable<boot::Mode> choose_mode(board::Led& led, board::Button& button,
                                                             Selector selector, Log& log,
                                                             SelectionObserver* observer,
                                                             Now now = &Clock::now);

}  // namespace mox::rescue
