#pragma once

#include <boost/asio/awaitable.hpp>

#include "virtual_mox/machine.hpp"
#include "virtual_mox/panel/board_view.hpp"
#include "virtual_mox/panel/command.hpp"
#include "virtual_mox/panel/turn.hpp"
#include "virtual_mox/panel/workshop.hpp"

namespace mox::virtual_mox::panel {

/// Whoever presses the button: a page, or nobody that could go away.
using Holder = const void*;

/// Does with the board what hands can do, one thing after another; only the button and the pulled plug never
/// wait. Errors (`internal`): for people.
class BoardHands {
public:
    using Result = boost::asio::awaitable<Expected<void>>;

    BoardHands(Machine& machine, BoardView& view, const Workshop& workshop)
        : machine_(machine), view_(view), workshop_(workshop) {}

    [[nodiscard]] Result plug_in_power();
    [[nodiscard]] Result pull_plug();
    [[nodiscard]] Result reset();

    [[nodiscard]] Result move_button(MoveButton move, Holder holder);
    /// Down and up again, by nobody in particular.
    [[nodiscard]] Result press_for(Clock::duration length);
    /// A page has gone away: what it held down alone is let go.
    [[nodiscard]] Result let_go(Holder holder);

    [[nodiscard]] Result move_cable(bool plugged);
    [[nodiscard]] Result move_card(bool in);
    [[nodiscard]] Result move_stick(bool in);

    /// Everything that must not happen at the same time as the above.
    [[nodiscard]] boost::asio::awaitable<Turn::Taken> turn() { return turn_.taken(); }

private:
    [[nodiscard]] Result power_on();
    [[nodiscard]] Result move_machine_cable(bool plugged);
    [[nodiscard]] Result move_machine_card(bool in);
    [[nodiscard]] Result move_machine_stick(bool in);

    Machine& machine_;
    BoardView& view_;
    const Workshop& workshop_;
    Turn turn_;
    bool powering_on_ = false;
    Holder holder_ = nullptr;
};

}  // namespace mox::virtual_mox::panel
