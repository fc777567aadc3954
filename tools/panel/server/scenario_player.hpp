#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "led_decoder/user_model.hpp"
#include "panel/server/board_controller.hpp"
#include "panel/server/board_view.hpp"
#include "panel/server/media_service.hpp"

namespace mox::virtual_mox::panel {

/// Plays the sample scenario of the manual on the board, with captions: it acts on the LED as a user does. It
/// can be ended at any time; the board then stays as it is.
class ScenarioPlayer {
public:
    ScenarioPlayer(BoardView& view, BoardController& controller, MediaService& media)
        : view_(view), controller_(controller), media_(media) {}

    /// Plays the whole scenario. Precondition: it is not running.
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
    /// Errors: the scenario was ended meanwhile.
    [[nodiscard]] Result pause(Clock::duration length);
    /// Waits for the condition. Errors: the scenario was ended, the power is gone, the mode has failed.
    template <typename Condition>
    [[nodiscard]] Result until(Condition condition);

    BoardView& view_;
    BoardController& controller_;
    MediaService& media_;
    led_decoder::UserModel user_;
    bool ended_ = false;
};

}  // namespace mox::virtual_mox::panel
