#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/log.hpp"
#include "base/units.hpp"
#include "board/button.hpp"
#include "board/led.hpp"
#include "boot/mode.hpp"
#include "rescue/selector.hpp"

namespace mox::rescue {

/// Is told what the selection does, for whoever shows it in words.
class SelectionObserver {
public:
    virtual ~SelectionObserver() = default;

    /// The first (1) or second (2) announcement of `mode` begins.
    virtual void announcing(boot::Mode mode, int repetition) = 0;
    /// A press counted; `moved_on_to` is announced next.
    virtual void pressed(boot::Mode moved_on_to) = 0;
    virtual void released() = 0;
};

/// Where the time comes from: the real clock, or a test's.
using Now = Clock::time_point (*)();

/// Drives LED and button with `selector` until a mode is chosen. A LED that cannot be written is logged once
/// and does not stop the selection. `observer` may be null.
[[nodiscard]] boost::asio::awaitable<boot::Mode> choose_mode(board::Led& led, board::Button& button,
                                                             Selector selector, Log& log,
                                                             SelectionObserver* observer,
                                                             Now now = &Clock::now);

}  // namespace mox::rescue
