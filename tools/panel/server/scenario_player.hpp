#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "led_decoder/user_model.hpp"
#include "panel/server/board_controller.hpp"
#include "panel/server/board_view.hpp"
#include "panel/server/media_service.hpp"

namespace mox::virtual_mox::panel {

/// Plays the sample scenario of the manual on the board, with captions: a person who acts on what the LED
/// shows. It can be ended at any time; the board then stays as it is.
class ScenarioPlayer {
public:
    ScenarioPlayer(BoardView& view, BoardController& hands, MediaService& media)
        : view_(view), hands_(hands), media_(media) {}

    /// From its beginning to its end. Precondition: it is not running.
    [[nodiscard]] boost::asio::awaitable<void> run();
    void end();

private:
    using Result = boost::asio::awaitable<Expected<void>>;

    [[nodiscard]] Result play();
    [[nodiscard]] Result prepare();
    [[nodiscard]] Result enter_rescue();
    [[nodiscard]] Result choose_mode();
    [[nodiscard]] Result watch_the_rest();
    [[nodiscard]] Result release_button();

    void say(std::string caption);
    /// Errors: it was ended meanwhile.
    [[nodiscard]] Result pause(Clock::duration length);
    /// Waits until the situation is so. Errors: it was ended, the power has gone, the mode has failed.
    template <typename Condition>
    [[nodiscard]] Result until(Condition condition);

    BoardView& view_;
    BoardController& hands_;
    MediaService& media_;
    led_decoder::UserModel person_;
    bool ended_ = false;
};

}  // namespace mox::virtual_mox::panel
