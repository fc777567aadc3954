#include "simulated_board/played_rescue.hpp"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <exception>

#include "led_decoder/front_panel.hpp"
#include "led_decoder/raw_terminal.hpp"
#include "rescue/mode_table.hpp"
#include "rescue/session.hpp"
#include "simulated_board/board_button.hpp"
#include "simulated_board/board_led.hpp"
#include "simulated_board/keyboard.hpp"

namespace mox::simulated_board {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// What the MOX's boot loader does with LED and button (mainline U-Boot, board/CZ.NIC/turris_mox): LED on, the
// button is sampled 21 times 50 ms apart, LED off. Then the kernel starts, and lights the LED when its driver
// starts (trigger `default-on` of the device tree). The other times are those of the simulated board.
constexpr auto before_led = 300ms;
constexpr auto button_sampling = 20 * 50ms;
constexpr auto user_releases_after = 300ms;
constexpr auto kernel_lights_led = 900ms;
constexpr auto kernel_starts_rescue = 400ms;

/// Records the session's announcements, to compare them with those of the LED.
class AnnouncementRecorder final : public rescue::SessionObserver {
public:
    AnnouncementRecorder(Outcome& outcome, console::Console& console)
        : outcome_(outcome), console_(console) {}

    void announcing(boot::Mode mode, int /*repetition*/) override {
        if (!choosing_since_) choosing_since_ = Clock::now();
        outcome_.announced_by_session.push_back(boot::number_of(mode));
    }
    void pressed(boot::Mode /*moved_on_to*/) override {}
    void released() override {}
    void executing(boot::Mode mode) override {
        outcome_.executed = mode;
        executing_since_ = Clock::now();
        if (choosing_since_) outcome_.choosing = executing_since_ - *choosing_since_;
    }
    void press_ignored() override { console_.print("          The press is ignored: a mode is running."); }
    void mode_ended() override { outcome_.executing = Clock::now() - executing_since_; }
    void succeeded(rescue::ModeOutcome /*afterwards*/) override {}
    void failed(const Error& error) override { outcome_.failure = error; }

private:
    Outcome& outcome_;
    console::Console& console_;
    std::optional<Clock::time_point> choosing_since_;
    Clock::time_point executing_since_ = Clock::now();
};

asio::awaitable<void> wait(Clock::duration duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> press_for(BoardButton& button, Clock::duration reaction, Clock::duration length) {
    co_await wait(reaction);
    button.press();
    co_await wait(length);
    button.release();
}

/// The parts of a board that has power.
class PoweredBoard {
public:
    PoweredBoard(update::Context& context, const led_decoder::UserModel& user, console::Console& console)
        : context_(context),
          console_(console),
          panel_(loop_.get_executor(), console),
          button_(loop_.get_executor(),
                  [this](bool down, Clock::time_point at) { panel_.button_changed(down, at); }),
          led_([this](bool lit, Clock::time_point at) {
              asio::post(loop_, [this, lit, at] { panel_.led_changed(lit, at); });
          }),
          signals_(loop_, SIGINT, SIGTERM, SIGHUP),
          recorder_(outcome_, console),
          user_(user) {
        button_.press();
        context_.progress.add_listener(panel_.progress_listener());
    }

    Outcome run(Player player, led_decoder::RawTerminal* terminal) {
        if (player == Player::sample_scenario)
            press_as_user();
        else
            asio::co_spawn(loop_, press_by_keyboard(button_), asio::detached);
        asio::co_spawn(loop_, panel_.watch(), asio::detached);
        asio::co_spawn(loop_, obey_signals(terminal), asio::detached);
        asio::co_spawn(loop_, power_on(), [this](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);
            loop_.stop();
        });
        loop_.run();
        console_.unpin();
        outcome_.read_from_led = panel_.announcements();
        return outcome_;
    }

private:
    void press_as_user() {
        panel_.set_announcement_listener([this](const led_decoder::Announced& announced) {
            if (!user_.objects_to(announced)) return;
            asio::co_spawn(loop_, press_for(button_, user_.reaction, user_.press_length), asio::detached);
        });
        panel_.set_error_listener([this](int /*code*/) {
            asio::co_spawn(loop_, press_for(button_, 3s, user_.press_length), asio::detached);
        });
    }

    asio::awaitable<void> power_on() {
        co_await wait(before_led);
        static_cast<void>(led_.set(true));  // the simulated board's LED cannot fail
        co_await wait(button_sampling);
        static_cast<void>(led_.set(false));
        co_await wait(user_releases_after);
        button_.release();
        co_await wait(kernel_lights_led - user_releases_after);
        panel_.rescue_begins(Clock::now());
        static_cast<void>(led_.set(true));
        co_await wait(kernel_starts_rescue);
        button_.forget_edges();
        const rescue::SessionStart start{.start = {}};
        co_await rescue::run_rescue_session(led_, button_, context_, rescue::mode_table(), start, &recorder_);
    }

    /// Before a mode runs the demo stops at once. A running mode may end first; if the user stops the program
    /// before that, the kernel removes mounts and loop devices with the process.
    asio::awaitable<void> obey_signals(led_decoder::RawTerminal* terminal) {
        co_await signals_.async_wait(asio::use_awaitable);
        if (!outcome_.executed) {
            outcome_.interrupted = true;
            loop_.stop();
            co_return;
        }
        console_.print("Stopping as soon as the running mode is done. Press Ctrl-C again to stop at once.");
        button_.press();  // a failed mode would wait for it
        co_await signals_.async_wait(asio::use_awaitable);
        console_.unpin();
        if (terminal != nullptr) terminal->restore();
        ::_exit(128 + SIGINT);
    }

    update::Context& context_;
    console::Console& console_;
    Outcome outcome_;
    asio::io_context loop_{1};
    led_decoder::FrontPanel panel_;
    BoardButton button_;
    BoardLed led_;  // after the panel, so that its thread ends first
    asio::signal_set signals_;
    AnnouncementRecorder recorder_;
    led_decoder::UserModel user_;
};

}  // namespace

Expected<Outcome> play_rescue(update::Context& context, Player player, const led_decoder::UserModel& user,
                              console::Console& console) {
    if (player == Player::sample_scenario) return PoweredBoard(context, user, console).run(player, nullptr);
    auto terminal = led_decoder::RawTerminal::open(led_decoder::ControlKeys::signals);
    if (!terminal) return pass_on(terminal);
    console.print(
        "The button is on the keyboard: SPACE is a short press, H holds it down and releases it again.");
    console.print("Ctrl-C ends the demo.");
    return PoweredBoard(context, user, console).run(player, &*terminal);
}

}  // namespace mox::simulated_board
