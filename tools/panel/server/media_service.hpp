#pragma once

#include <boost/asio/awaitable.hpp>

#include "async/mutex.hpp"
#include "panel/server/board_controller.hpp"
#include "panel/server/board_view.hpp"
#include "panel/server/command.hpp"
#include "panel/server/image_builder.hpp"
#include "panel/server/uploads.hpp"

namespace mox::virtual_mox::panel {

/// Makes cards and sticks for the board, and inspects its card, while the board runs. Errors: as messages for
/// the page.
class MediaService {
public:
    using Result = boost::asio::awaitable<Expected<void>>;

    MediaService(Machine& machine, BoardView& view, BoardController& controller, const ImageBuilder& builder,
                 const Uploads& uploads)
        : machine_(machine), view_(view), controller_(controller), builder_(builder), uploads_(uploads) {}

    /// Makes a new card and inserts it. Errors: the board has power.
    [[nodiscard]] Result make_card(MakeCard action);
    /// Makes a new stick and does not insert it. Errors: the old one is inserted.
    [[nodiscard]] Result make_stick(MakeStick action);
    /// Inspects a copy of the card. A running board is stopped while the copy is made.
    [[nodiscard]] Result look_at_card();

private:
    [[nodiscard]] boost::asio::awaitable<Expected<std::filesystem::path>> copy_card();
    [[nodiscard]] boost::asio::awaitable<Expected<CardContentSeen>> look();

    Machine& machine_;
    BoardView& view_;
    BoardController& controller_;
    const ImageBuilder& builder_;
    const Uploads& uploads_;
    async::Mutex looking_;
};

}  // namespace mox::virtual_mox::panel
