#include "led_decoder/front_panel.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace mox::led_decoder {

namespace {

constexpr std::size_t strip_cells = 40;
constexpr std::size_t strip_cells_beside_progress = 12;
/// The interval between checks of a board clock that is behind.
constexpr Clock::duration least_wait = std::chrono::milliseconds(5);

}  // namespace

FrontPanel::FrontPanel(const boost::asio::any_io_executor& executor, console::Console& console,
                       TimeSource now)
    : console_(console),
      now_(std::move(now)),
      plain_progress_(console),
      wake_up_(executor),
      power_on_(now_()),
      reader_(power_on_),
      led_strip_('.', '#') {
    console_.print(table_head());
    console_.print(
        table_line({}, {"Off", "Hold", "MOX is off. Hold the button and plug in the power adapter."}));
}

void FrontPanel::power_came(Clock::time_point at) {
    power_on_ = at;
    reader_ = LedReader(at);
}

void FrontPanel::normal_boot_begins(Clock::time_point at) {
    normal_boot_ = at;
    reader_ = LedReader(at);  // the reset has interrupted the LED pattern
}

void FrontPanel::led_changed(bool lit, Clock::time_point at) {
    led_ = lit;
    led_strip_.changed(lit, at);
    tell(reader_.changed(lit, at));
    wake_up_.cancel();
}

void FrontPanel::button_changed(bool down, Clock::time_point at) {
    button_ = down;
    if (down)
        presses_.push_back(at);
    else
        first_release_ = std::min(first_release_, at);
    wake_up_.cancel();
}

Progress::Listener FrontPanel::progress_listener() {
    if (console_.kind() == console::Console::Kind::plain) return plain_progress_.listener();
    return [this](const ProgressState& state) { show_progress(state); };
}

void FrontPanel::stop() {
    stopped_ = true;
    wake_up_.cancel();
    console_.unpin();
}

boost::asio::awaitable<void> FrontPanel::watch() {
    const bool is_live = console_.kind() == console::Console::Kind::terminal;
    while (!stopped_) {
        auto wait = is_live ? Clock::duration(LedTrace::cell) : Clock::duration::max() / 2;
        if (const auto due = reader_.next_due()) wait = std::clamp(*due - now_(), least_wait, wait);
        wake_up_.expires_at(Clock::now() + wait);
        co_await wake_up_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (stopped_) co_return;
        tell(reader_.waited(now_()));
        draw();
    }
}

void FrontPanel::tell(const std::vector<Reading>& readings) {
    for (const auto& reading : readings) {
        const auto stage = stage_of(reading);
        if (stage == Stage::installed_system) {
            if (normal_boot_is_told_ || reading.sign != Sign::lit) continue;
            normal_boot_is_told_ = true;
        }
        const auto row = story_.row_for(reading, button_use(reading), stage);
        console_.print(table_line(reading.from - power_on_, row));
        if (stage == Stage::installed_system) continue;
        if (reading.sign == Sign::error_code && error_) error_(reading.blinks);
        if (reading.sign != Sign::announcement) continue;
        announcements_.push_back(reading.blinks);
        if (announced_) announced_(story_.announced());
    }
}

Stage FrontPanel::stage_of(const Reading& reading) const {
    if (reading.from >= normal_boot_) return Stage::installed_system;
    return reading.from < rescue_start_ ? Stage::boot_loader : Stage::rescue;
}

ButtonUse FrontPanel::button_use(const Reading& reading) const {
    if (reading.until <= first_release_) return ButtonUse::held;
    const bool pressed = std::any_of(presses_.begin(), presses_.end(), [&](Clock::time_point at) {
        return at >= reading.from && at <= reading.until;
    });
    return pressed ? ButtonUse::pressed : ButtonUse::released;
}

void FrontPanel::draw() {
    std::string step;
    {
        const std::lock_guard lock(step_mutex_);
        step = step_;
    }
    const auto cells = step.empty() ? strip_cells : strip_cells_beside_progress;
    std::string line = "LED " + led_strip_.draw(cells, now_());
    line += led_ ? " \x1b[31m(*)\x1b[0m" : " ( )";
    line += button_ ? "  button [down]" : "  button [    ]";
    console_.pin(step.empty() ? line : line + "  " + step);
}

void FrontPanel::show_progress(const ProgressState& state) {
    if (state.step_finished) console_.print(console::finished_line(state));
    const std::lock_guard lock(step_mutex_);
    step_ = state.step_finished ? std::string() : console::running_line(state);
}

}  // namespace mox::led_decoder
