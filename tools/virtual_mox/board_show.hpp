#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "console/console_progress.hpp"
#include "led_decoder/front_panel.hpp"
#include "led_decoder/user_model.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox {

/// Shows on a terminal what a board does, from its next power-on: the manual's table row by row from LED and
/// button, and the serial console's lines in between. Presses the button as `user` does. Lives as long as the
/// event loop runs.
class BoardShow {
public:
    BoardShow(const boost::asio::any_io_executor& executor, Machine& machine, console::Console& console,
              led_decoder::UserModel user);

    /// Shows the board from now on, until the event loop ends. Call it before power-on.
    void begin();

    /// A rescue mode has rebooted the router: a normal boot follows.
    void normal_boot_begins() { panel_.normal_boot_begins(machine_.board_clock()); }

    /// Stops the output, so that another part of the program can use the terminal.
    void stop();

    /// The modes in the order of their announcements by the LED.
    [[nodiscard]] const std::vector<int>& announcements() const { return panel_.announcements(); }

    /// When the first announcement was complete; nullopt: not yet.
    [[nodiscard]] std::optional<Clock::time_point> first_announcement() const { return first_announcement_; }

    /// The error code that the LED has shown; nullopt: none.
    [[nodiscard]] std::optional<int> error_code() const { return error_code_; }

    /// Is called when the LED begins to show an error code.
    void set_error_listener(std::function<void()> listener) { on_error_ = std::move(listener); }

private:
    boost::asio::awaitable<void> follow_led();
    boost::asio::awaitable<void> follow_button();
    boost::asio::awaitable<void> follow_console();
    boost::asio::awaitable<void> press();

    boost::asio::any_io_executor executor_;
    Machine& machine_;
    console::Console& console_;
    led_decoder::UserModel user_;
    led_decoder::FrontPanel panel_;
    bool stopped_ = false;
    std::optional<Clock::time_point> first_announcement_;
    std::optional<int> error_code_;
    std::function<void()> on_error_;
};

}  // namespace mox::virtual_mox
