#include "rescue/session.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "async/waiting.hpp"
#include "boot/restart_marker.hpp"

namespace mox::rescue {

namespace {

namespace asio = boost::asio;

std::string title_with_number(boot::Mode mode) {
    return "mode " + std::to_string(boot::number_of(mode)) + " (" + std::string(boot::title_of(mode)) + ")";
}

/// Logs the first LED error only; LED errors do not stop a rescue.
class LedErrors {
public:
    explicit LedErrors(Log& log) : log_(log) {}

    void note(const Expected<void>& written) {
        if (!written && !std::exchange(noted_, true))
            log_.warning(written.error().describe() + "; going on without the LED");
    }

private:
    Log& log_;
    bool noted_ = false;
};

class Session {
public:
    Session(board::Led& led, board::Button& button, update::Context& context, const SessionStart& start,
            SessionObserver* observer)
        : led_(led),
          button_(button),
          context_(context),
          start_(start),
          observer_(observer),
          led_errors_(context.log) {}

    asio::awaitable<boot::Mode> select();
    asio::awaitable<Expected<ModeOutcome>> execute(const ModeEntry& entry);
    asio::awaitable<ModeOutcome> complete(boot::Mode mode, ModeOutcome outcome);
    /// Returns whether the mode starts again.
    asio::awaitable<bool> show_error(const Error& error, NewDrive new_drive);

private:
    bool is_forcing_allowed();
    asio::awaitable<Expected<ModeOutcome>> run_mode(const ModeEntry& entry);
    void begin_light(LedWhileRunning led);
    void show_light();
    asio::awaitable<void> end_light();
    asio::awaitable<ModeOutcome> watch_button(PressWhileRunning press);
    void ignore_press();
    asio::awaitable<void> show_for(bool lit, Clock::duration length);
    asio::awaitable<void> blink_until_press(int code);
    asio::awaitable<void> wait_for_new_drive();
    asio::awaitable<bool> pressed_within(Clock::duration duration);
    asio::awaitable<bool> pressed_during(board::LedStep step);
    [[nodiscard]] board::ErrorRhythmPosition error_position() const;

    board::Led& led_;
    board::Button& button_;
    update::Context& context_;
    const SessionStart& start_;
    SessionObserver* observer_;
    LedErrors led_errors_;
    bool reboot_by_press_ = false;
    bool ignored_press_is_logged_ = false;
    /// What separates the slow blinking from what the LED shows before it.
    std::vector<board::LedStep> lead_;
    std::optional<RunningLight> light_;  ///< while a mode runs for which the LED blinks
    std::optional<std::size_t> error_step_;
    Clock::time_point error_step_since_;
};

asio::awaitable<boot::Mode> Session::select() {
    led_errors_.note(led_.set(true));
    for (const auto& warning : start_.start.warnings) context_.log.warning(warning);
    if (start_.start.forced && is_forcing_allowed()) {
        context_.log.info("no selection, because force_mode demands " +
                          title_with_number(*start_.start.forced));
        // The kernel may have lit the LED a moment ago only.
        lead_ = {{.lit = true, .length = start_.timing.lead_in},
                 {.lit = false, .length = start_.rhythm.running.dark_before}};
        co_return *start_.start.forced;
    }
    lead_ = {{.lit = false, .length = start_.rhythm.running.dark_before}};
    const bool held = button_.is_down();
    context_.log.info("selecting a mode, " + title_with_number(start_.start.first) + " is first" +
                      (held ? "; the button is still held, which is no press" : ""));
    rescue::Selector selector(start_.start.first, held, start_.timing);
    co_return co_await rescue::choose_mode(led_, button_, std::move(selector), context_.log, observer_,
                                           start_.now);
}

/// Counts a mode that the boot environment forces before it starts, so that a failing mode does not loop.
bool Session::is_forcing_allowed() {
    const auto& start = start_.start;
    if (start.forced_by == rescue::Source::kernel_command_line) return true;
    const auto partition = context_.rescue_partition ? context_.rescue_partition() : nullptr;
    const auto counted = boot::count_forced_try(context_.environment, partition.get());
    if (counted && *counted == boot::ForcedTry::allowed) {
        context_.started_by = update::StartedBy::marker;
        return true;
    }
    context_.log.warning(title_with_number(*start.forced) + " is not started automatically, " +
                         (counted ? "because it has failed " + std::to_string(boot::most_forced_tries) +
                                        " times. Choose a mode"
                                  : "because the try cannot be counted: " + counted.error().describe()));
    return false;
}

asio::awaitable<Expected<ModeOutcome>> Session::execute(const ModeEntry& entry) {
    using namespace asio::experimental::awaitable_operators;
    context_.log.info("executing " + title_with_number(entry.mode));
    if (observer_) observer_->executing(entry.mode);
    begin_light(entry.led);
    show_light();  // a mode may occupy the event loop at its beginning
    auto first_to_end = co_await (run_mode(entry) || watch_button(entry.press));
    context_.commit.reset();
    if (observer_) observer_->mode_ended();
    if (first_to_end.index() == 1) co_return std::get<1>(first_to_end);
    co_return std::get<0>(std::move(first_to_end));
}

void Session::begin_light(LedWhileRunning led) {
    light_.reset();
    ignored_press_is_logged_ = false;
    if (led == LedWhileRunning::lit)
        led_errors_.note(led_.set(true));
    else
        light_.emplace(std::exchange(lead_, {}), start_.rhythm.running);
}

/// Shows what is due.
void Session::show_light() {
    const auto& rhythm = start_.rhythm.running;
    while (const auto action = light_ ? light_->advance(start_.now()) : std::nullopt) {
        const auto* steady = std::get_if<ShowLed>(&*action);
        led_errors_.note(steady ? led_.set(steady->lit) : led_.blink(rhythm.blink_on, rhythm.blink_off));
    }
}

/// Ends the slow blinking of a mode that has ended, with a whole blink. Presses are ignored up to then.
asio::awaitable<void> Session::end_light() {
    while (light_) {
        show_light();
        const auto lit = led_.is_lit();
        if (!lit || light_->may_end(*lit, start_.now())) break;
        const auto due = std::min(light_->next_due(), start_.now() + board::BlinkEnd::interval);
        if (const auto event = co_await button_.edge_before(due);
            event && event->edge == board::ButtonEdge::pressed)
            ignore_press();
    }
    if (std::exchange(light_, std::nullopt)) led_errors_.note(led_.set(false));
}

/// Converts an exception of a mode into an error, so that the LED shows a code.
asio::awaitable<Expected<ModeOutcome>> Session::run_mode(const ModeEntry& entry) {
    try {
        co_return co_await entry.run(context_);
    } catch (const std::exception& unexpected) {
        co_return fail(ErrorKind::internal,
                       title_with_number(entry.mode) + " failed unexpectedly: " + unexpected.what());
    }
}

/// Also shows what is due on the LED: only one coroutine can wait for the button.
asio::awaitable<ModeOutcome> Session::watch_button(PressWhileRunning press) {
    for (;;) {
        show_light();
        const auto event =
            co_await button_.edge_before(light_ ? light_->next_due() : Clock::time_point::max());
        if (!event || event->edge != board::ButtonEdge::pressed) continue;
        if (press == PressWhileRunning::reboots) break;
        ignore_press();
    }
    context_.log.info("button pressed: rebooting");
    reboot_by_press_ = true;
    co_return ModeOutcome::reboot;
}

void Session::ignore_press() {
    if (observer_) observer_->press_ignored();
    if (!std::exchange(ignored_press_is_logged_, true))
        context_.log.warning("button pressed and ignored: this mode must not be interrupted");
}

asio::awaitable<ModeOutcome> Session::complete(boot::Mode mode, ModeOutcome outcome) {
    const bool stays = start_.start.dont_reboot && !reboot_by_press_;
    const auto final_outcome = stays ? ModeOutcome::stay : outcome;
    context_.log.info(title_with_number(mode) + " is done" +
                      (final_outcome == ModeOutcome::stay ? "; the system stays up" : "; rebooting"));
    const bool blinked = light_.has_value() && led_.is_lit();
    co_await end_light();
    if (blinked) co_await show_for(false, start_.rhythm.running.dark_after);
    led_errors_.note(led_.set(true));
    if (observer_) observer_->succeeded(final_outcome);
    if (blinked && final_outcome == ModeOutcome::reboot) co_await show_for(true, start_.rhythm.running.done);
    co_return final_outcome;
}

/// Presses are ignored.
asio::awaitable<void> Session::show_for(bool lit, Clock::duration length) {
    led_errors_.note(led_.set(lit));
    const auto until = start_.now() + length;
    while (co_await button_.edge_before(until)) {
    }
}

asio::awaitable<bool> Session::pressed_within(Clock::duration duration) {
    const auto deadline = start_.now() + duration;
    while (const auto event = co_await button_.edge_before(deadline))
        if (event->edge == board::ButtonEdge::pressed) co_return true;
    co_return false;
}

asio::awaitable<bool> Session::pressed_during(board::LedStep step) {
    error_step_since_ = start_.now();
    led_errors_.note(led_.set(step.lit));
    co_return co_await pressed_within(step.length);
}

asio::awaitable<void> Session::blink_until_press(int code) {
    const auto& rhythm = start_.rhythm.error;
    bool pressed = co_await pressed_during({.lit = false, .length = rhythm.dark});
    const auto round = rhythm.round(code);
    for (std::size_t step = 0; !pressed; step = (step + 1) % round.size()) {
        error_step_ = step;
        pressed = co_await pressed_during(round[step]);
    }
}

board::ErrorRhythmPosition Session::error_position() const {
    return {.step = error_step_, .shown = start_.now() - error_step_since_};
}

/// Does not end if no new drive can be reported.
asio::awaitable<void> Session::wait_for_new_drive() {
    while (co_await context_.drives.change_before(Clock::time_point::max())) {
        const auto drives = context_.drives.plugged_in();
        // An inserted card does not count: it may hold a system that the user wants to keep.
        if (drives && std::ranges::count(*drives, storage::DriveRole::usb, &storage::Drive::role) > 0)
            co_return;
    }
    co_await async::wait_forever();
}

asio::awaitable<bool> Session::show_error(const Error& error, NewDrive new_drive) {
    using namespace asio::experimental::awaitable_operators;
    const auto& rhythm = start_.rhythm.error;
    const int code = led_code(error.kind());
    const bool waits = new_drive == NewDrive::tries_again && error.kind() == ErrorKind::medkit;
    context_.log.error(error);
    co_await end_light();
    context_.log.error("The LED shows error " + std::to_string(code) + " (" +
                       std::string(name_of(error.kind())) + "). " +
                       (waits ? "Plug in a USB drive with a medkit to go on, or press" : "Press") +
                       " the button to reboot and try again.");
    if (observer_) observer_->failed(error);

    error_step_.reset();
    error_step_since_ = start_.now();
    if (waits) {
        const auto first = co_await (wait_for_new_drive() || blink_until_press(code));
        if (first.index() == 0) {
            context_.log.info("a drive was plugged in: trying again");
            lead_ = rhythm.rest_of_group(code, error_position());
            co_return true;
        }
    } else {
        co_await blink_until_press(code);
    }
    context_.log.info("button pressed: rebooting");
    if (led_.is_lit()) {
        const auto steps = rhythm.before_reboot(code, error_position());
        for (const auto& step : steps) co_await show_for(step.lit, step.length);
    }
    co_return false;
}

/// The entry of `mode`, or one with `run` null if there is none.
ModeEntry entry_of(std::span<const ModeEntry> modes, boot::Mode mode) {
    const auto entry = std::ranges::find(modes, mode, &ModeEntry::mode);
    if (entry != modes.end()) return *entry;
    return {.mode = mode, .run = nullptr, .press = PressWhileRunning::ignored};
}

asio::awaitable<Expected<ModeOutcome>> execute(const ModeEntry& entry, Session& session) {
    if (entry.run != nullptr) co_return co_await session.execute(entry);
    co_return fail(ErrorKind::internal,
                   title_with_number(entry.mode) + " does not exist in this version of the rescue system",
                   {"choose another mode"});
}

}  // namespace

asio::awaitable<ModeOutcome> run_rescue_session(board::Led& led, board::Button& button,
                                                update::Context& context, std::span<const ModeEntry> modes,
                                                const SessionStart& start, SessionObserver* observer) {
    Session session(led, button, context, start, observer);
    const auto entry = entry_of(modes, co_await session.select());
    for (;;) {
        const auto result = co_await execute(entry, session);
        if (result) co_return co_await session.complete(entry.mode, *result);
        if (!co_await session.show_error(result.error(), entry.new_drive)) co_return ModeOutcome::reboot;
    }
}

}  // namespace mox::rescue
