#pragma once

#include <boost/asio/awaitable.hpp>

#include "async/mutex.hpp"
#include "panel/server/board_view.hpp"
#include "panel/server/command.hpp"
#include "panel/server/image_builder.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox::panel {

/// The page that holds the button; null: the button is held without a page.
using ButtonOwner = const void*;

/// Executes the user's actions on the board, one after another; only the button and power-off never wait.
/// Errors (`internal`): as messages for the page.
class BoardController {
public:
    using Result = boost::asio::awaitable<Expected<void>>;

    BoardController(Machine& machine, BoardView& view, const ImageBuilder& builder)
        : machine_(machine), view_(view), builder_(builder) {}

    [[nodiscard]] Result plug_in_power();
    [[nodiscard]] Result pull_plug();
    [[nodiscard]] Result reset();

    [[nodiscard]] Result move_button(MoveButton move, ButtonOwner holder);
    /// Down and up again, without a page that holds it.
    [[nodiscard]] Result press_for(Clock::duration length);
    /// A page has closed: releases the button if no other page holds it.
    [[nodiscard]] Result let_go(ButtonOwner holder);

    [[nodiscard]] Result move_cable(bool plugged);
    [[nodiscard]] Result move_card(bool in);
    [[nodiscard]] Result move_stick(bool in);

    /// The lock for actions that must not run at the same time as those above.
    [[nodiscard]] boost::asio::awaitable<async::Mutex::Lock> turn() { return turn_.lock(); }

private:
    [[nodiscard]] Result power_on();
    [[nodiscard]] Result move_machine_button(bool down);
    [[nodiscard]] Result move_machine_cable(bool plugged);
    [[nodiscard]] Result move_machine_card(bool in);
    [[nodiscard]] Result move_machine_stick(bool in);

    Machine& machine_;
    BoardView& view_;
    const ImageBuilder& builder_;
    async::Mutex turn_;
    bool powering_on_ = false;
    ButtonOwner holder_ = nullptr;
};

}  // namespace mox::virtual_mox::panel
