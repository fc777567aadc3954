#pragma once

#include <boost/asio/awaitable.hpp>

#include "async/mutex.hpp"
#include "panel/server/board_view.hpp"
#include "panel/server/command.hpp"
#include "panel/server/image_builder.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox::panel {

/// Whoever presses the button: a page, or nobody that could go away.
using ButtonOwner = const void*;

/// Does with the board what hands can do, one thing after another; only the button and the pulled plug never
/// wait. Errors (`internal`): for people.
class BoardController {
public:
    using Result = boost::asio::awaitable<Expected<void>>;

    BoardController(Machine& machine, BoardView& view, const ImageBuilder& workshop)
        : machine_(machine), view_(view), workshop_(workshop) {}

    [[nodiscard]] Result plug_in_power();
    [[nodiscard]] Result pull_plug();
    [[nodiscard]] Result reset();

    [[nodiscard]] Result move_button(MoveButton move, ButtonOwner holder);
    /// Down and up again, by nobody in particular.
    [[nodiscard]] Result press_for(Clock::duration length);
    /// A page has gone away: what it held down alone is let go.
    [[nodiscard]] Result let_go(ButtonOwner holder);

    [[nodiscard]] Result move_cable(bool plugged);
    [[nodiscard]] Result move_card(bool in);
    [[nodiscard]] Result move_stick(bool in);

    /// Everything that must not happen at the same time as the above.
    [[nodiscard]] boost::asio::awaitable<async::Mutex::Lock> turn() { return turn_.lock(); }

private:
    [[nodiscard]] Result power_on();
    [[nodiscard]] Result move_machine_cable(bool plugged);
    [[nodiscard]] Result move_machine_card(bool in);
    [[nodiscard]] Result move_machine_stick(bool in);

    Machine& machine_;
    BoardView& view_;
    const ImageBuilder& workshop_;
    async::Mutex turn_;
    bool powering_on_ = false;
    ButtonOwner holder_ = nullptr;
};

}  // namespace mox::virtual_mox::panel
