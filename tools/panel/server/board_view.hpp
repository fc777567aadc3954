#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "led_decoder/led_reader.hpp"
#include "panel/server/board_model.hpp"
#include "panel/server/client_registry.hpp"
#include "panel/server/message.hpp"
#include "panel/server/panel_clock.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox::panel {

/// Watches a board for all pages: sends them edges, readings of the LED, console output and state, and keeps
/// the history for pages that open later. Lives as long as the event loop runs.
class BoardView {
public:
    BoardView(const boost::asio::any_io_executor& executor, Machine& machine, ClientRegistry& clients,
              PanelClock clock);

    /// Watches from now on, until the event loop ends.
    void begin();

    /// The first messages for a page: hello, state, console output.
    void greet(SendQueue& page) const;

    [[nodiscard]] const BoardState& state() const { return model_.state(); }
    [[nodiscard]] const BoardTracker& tracker() const { return model_.tracker(); }
    [[nodiscard]] const PanelClock& clock() const { return clock_; }
    /// Is notified after each change of the state.
    [[nodiscard]] async::Event& changes() { return changes_; }

    /// Changes the parts of the state that do not come from the board.
    template <typename Change>
    void change(Change change) {
        model_.change(std::move(change));
        changes_.notify();
    }
    /// Sends the present state at once if it has changed, for example before an answer.
    void tell_state_now();
    void add_event(EventKind what, std::string text);

    /// The processor will start next.
    void power_comes();
    /// The processor has started: from now on the view detects when the board switches itself off.
    void power_has_come();
    /// The power was cut. Does nothing if the board had no power.
    void power_is_gone(std::string why);

private:
    boost::asio::awaitable<void> follow_led();
    boost::asio::awaitable<void> follow_button();
    boost::asio::awaitable<void> follow_console();
    boost::asio::awaitable<void> follow_resets();
    boost::asio::awaitable<void> follow_events();
    boost::asio::awaitable<void> follow_power(int cycle);
    boost::asio::awaitable<void> tell_states();

    void catch_up();
    void take(const LedEdge& edge);
    void take(const ButtonEdge& edge);
    void read_console();
    void tell(const BoardModel::Told& told);
    [[nodiscard]] Clock::time_point our_time(Clock::time_point board_clock);
    [[nodiscard]] led_decoder::Reading by_our_time(led_decoder::Reading reading);

    boost::asio::any_io_executor executor_;
    Machine& machine_;
    ClientRegistry& clients_;
    PanelClock clock_;
    BoardModel model_;
    std::deque<nlohmann::json> readings_, events_;
    // Positions up to which all pages have all messages.
    LedHistory::Position led_sent_ = 0;
    ButtonHistory::Position button_sent_ = 0;
    Console::Position console_sent_ = 0;
    ResetHistory::Position resets_seen_ = 0;
    Clock::time_point going_on_since_{};  ///< begin of the newest reading that goes on, by our time
    std::string state_sent_;
    int power_cycle_ = 0;
    async::Event changes_;
};

}  // namespace mox::virtual_mox::panel
