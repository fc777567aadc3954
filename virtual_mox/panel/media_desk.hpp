#pragma once

#include <boost/asio/awaitable.hpp>

#include "virtual_mox/panel/board_hands.hpp"
#include "virtual_mox/panel/board_view.hpp"
#include "virtual_mox/panel/command.hpp"
#include "virtual_mox/panel/turn.hpp"
#include "virtual_mox/panel/uploads.hpp"
#include "virtual_mox/panel/workshop.hpp"

namespace mox::virtual_mox::panel {

/// Makes cards and sticks for the board, and looks at its card, while the board goes on. Errors: for people.
class MediaDesk {
public:
    using Result = boost::asio::awaitable<Expected<void>>;

    MediaDesk(Machine& machine, BoardView& view, BoardHands& hands, const Workshop& workshop,
              const Uploads& uploads)
        : machine_(machine), view_(view), hands_(hands), workshop_(workshop), uploads_(uploads) {}

    /// A new card, put in. Errors: the board has power.
    [[nodiscard]] Result make_card(MakeCard wish);
    /// A new stick, not put in. Errors: the old one is in.
    [[nodiscard]] Result make_stick(MakeStick wish);
    /// Looks at the card from outside. A running board is stopped for as long as a copy takes.
    [[nodiscard]] Result look_at_card();

private:
    [[nodiscard]] boost::asio::awaitable<Expected<std::filesystem::path>> copy_card();
    [[nodiscard]] boost::asio::awaitable<Expected<CardContentSeen>> look();

    Machine& machine_;
    BoardView& view_;
    BoardHands& hands_;
    const Workshop& workshop_;
    const Uploads& uploads_;
    Turn looking_;
};

}  // namespace mox::virtual_mox::panel
