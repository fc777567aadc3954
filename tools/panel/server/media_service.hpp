#pragma once

#include <boost/asio/awaitable.hpp>

#include "async/mutex.hpp"
#include "panel/server/board_controller.hpp"
#include "panel/server/board_view.hpp"
#include "panel/server/command.hpp"
#include "panel/server/image_builder.hpp"
#include "panel/server/uploads.hpp"

namespace mox::virtual_mox::panel {

/// Makes cards and sticks for the board, and looks at its card, while the board goes on. Errors: for people.
class MediaService {
public:
    using Result = boost::asio::awaitable<Expected<void>>;

    MediaService(Machine& machine, BoardView& view, BoardController& hands, const ImageBuilder& workshop,
                 const Uploads& uploads)
        : machine_(machine), view_(view), hands_(hands), workshop_(workshop), uploads_(uploads) {}

    /// A new card, put in. Errors: the board has power.
    [[nodiscard]] Result make_card(MakeCard action);
    /// A new stick, not put in. Errors: the old one is in.
    [[nodiscard]] Result make_stick(MakeStick action);
    /// Looks at the card from outside. A running board is stopped for as long as a copy takes.
    [[nodiscard]] Result look_at_card();

private:
    [[nodiscard]] boost::asio::awaitable<Expected<std::filesystem::path>> copy_card();
    [[nodiscard]] boost::asio::awaitable<Expected<CardContentSeen>> look();

    Machine& machine_;
    BoardView& view_;
    BoardController& hands_;
    const ImageBuilder& workshop_;
    const Uploads& uploads_;
    async::Mutex looking_;
};

}  // namespace mox::virtual_mox::panel
