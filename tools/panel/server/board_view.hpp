#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "led_decoder/led_reader.hpp"
#include "panel/server/board_state.hpp"
#include "panel/server/board_tracker.hpp"
#include "panel/server/client_registry.hpp"
#include "panel/server/console_reader.hpp"
#include "panel/server/message.hpp"
#include "panel/server/panel_clock.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox::panel {

/// Watches a board for all pages: tells them each edge, what the LED says, what the console writes and how
/// things stand, and keeps the past for those who come later. Lives as long as the event loop runs.
class BoardView {
public:
    BoardView(const boost::asio::any_io_executor& executor, Machine& machine, ClientRegistry& audience,
              PanelClock clock);

    /// From now on, until the event loop ends.
    void begin();

    /// What a page gets first: hello, state, the console.
    void greet(SendQueue& page) const;

    [[nodiscard]] const BoardState& state() const { return state_; }
    [[nodiscard]] const BoardTracker& story() const { return story_; }
    [[nodiscard]] const PanelClock& clock() const { return clock_; }
    /// Rings whenever something of the state has changed.
    [[nodiscard]] async::Event& changes() { return changes_; }

    /// Changes what the board itself does not tell.
    template <typename Change>
    void change(Change change) {
        change(state_);
        changed();
    }
    /// The state as it is now is told at once, if it is still to be told: before an answer, say.
    void tell_state_now();
    void add_event(EventKind what, std::string text);

    /// The processor starts in a moment.
    void power_comes();
    /// It has started: from now on it is noticed when the board switches itself off.
    void power_has_come();
    /// The plug was pulled. Nothing if the power had gone before.
    void power_is_gone(std::string why);

private:
    boost::asio::awaitable<void> follow_led();
    boost::asio::awaitable<void> follow_button();
    boost::asio::awaitable<void> follow_console();
    boost::asio::awaitable<void> follow_events();
    boost::asio::awaitable<void> follow_power(int cycle);
    boost::asio::awaitable<void> tell_states();

    void led_changed(const LedEdge& edge);
    void was_reset(const BoardEvent& event);
    void read(const std::vector<led_decoder::Reading>& readings);
    [[nodiscard]] Clock::time_point our_time(Clock::time_point board_clock);
    [[nodiscard]] led_decoder::Reading by_our_time(led_decoder::Reading reading);
    void heard(const ConsoleEvent& news);
    void changed();

    boost::asio::any_io_executor executor_;
    Machine& machine_;
    ClientRegistry& audience_;
    PanelClock clock_;
    BoardState state_;
    BoardTracker story_;
    led_decoder::LedReader reader_;
    ConsoleReader console_reader_;
    std::deque<nlohmann::json> readings_, events_;
    // Up to here all pages know everything.
    LedHistory::Position led_told_ = 0;
    ButtonHistory::Position button_told_ = 0;
    Console::Position console_told_ = 0;
    std::string state_told_;
    int power_cycle_ = 0;
    async::Event changes_;
};

}  // namespace mox::virtual_mox::panel
