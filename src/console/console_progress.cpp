#include "console/console_progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/file.hpp"
#include "base/units.hpp"

namespace mox::console {

namespace {

// ECMA-48: go to the start of the line and erase it. DECAWM off and on: the terminal cuts a long line.
constexpr std::string_view erase_line = "\r\x1b[2K";
constexpr std::string_view wrap_off = "\x1b[?7l";
constexpr std::string_view wrap_on = "\x1b[?7h";

constexpr int bar_width = 20;

std::string step_number(const ProgressState& state) {
    return "[" + std::to_string(state.number) + "/" + std::to_string(state.count) + "] ";
}

std::string bar(double fraction) {
    const auto filled = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * bar_width);
    return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "]";
}

std::string percentage(double fraction) {
    const auto text = std::to_string(static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 100));
    return std::string(text.size() < 3 ? 3 - text.size() : 0, ' ') + text + "%";
}

}  // namespace

Console::Console(int fd) : Console(fd, ::isatty(fd) == 1 ? Kind::terminal : Kind::plain) {}

Console::Console(int fd, Kind kind) : fd_(fd), kind_(kind) {}

Console::~Console() {
    unpin();
}

void Console::print(std::string_view line) {
    const std::lock_guard lock(mutex_);
    std::string text;
    if (!pinned_.empty()) text += erase_line;
    text += line;
    text += '\n';
    text += pinned_;
    put(text);
}

void Console::pin(std::string_view line) {
    if (kind_ == Kind::plain) return;
    const std::lock_guard lock(mutex_);
    pinned_ = std::string(wrap_off) + std::string(line) + std::string(wrap_on);
    put(std::string(erase_line) + pinned_);
}

void Console::unpin() {
    const std::lock_guard lock(mutex_);
    if (pinned_.empty()) return;
    pinned_.clear();
    put(erase_line);
}

void Console::put(std::string_view text) {
    // An error is ignored: a running mode must not end because its console is gone.
    static_cast<void>(write_all(fd_, text, "console", ErrorKind::internal));
}

std::string running_line(const ProgressState& state) {
    std::string line = step_number(state) + state.step;
    if (state.total.count == 0) return line + " ...";
    line += "  " + bar(state.step_fraction) + " " + percentage(state.step_fraction);
    line += "  " + to_text(state.done) + " of " + to_text(state.total);
    if (state.rate) line += "  " + to_text(*state.rate) + "/s";
    if (state.remaining) line += "  " + to_text(*state.remaining) + " left";
    return line;
}

std::string finished_line(const ProgressState& state) {
    std::string line = step_number(state) + state.step + ": done, ";
    if (state.total.count > 0) line += to_text(state.total) + " in ";
    line += to_text(state.step_elapsed);
    const double seconds = std::chrono::duration<double>(state.step_elapsed).count();
    if (state.total.count > 0 && seconds > 0) {
        const auto rate = static_cast<std::uint64_t>(static_cast<double>(state.total.count) / seconds);
        line += " (" + to_text(Bytes{rate}) + "/s)";
    }
    return line;
}

Progress::Listener ConsoleProgress::listener() {
    return [this](const ProgressState& state) { show(state); };
}

void ConsoleProgress::show(const ProgressState& state) {
    if (state.step_finished) {
        console_.unpin();
        console_.print(finished_line(state));
    } else if (console_.kind() == Console::Kind::terminal) {
        console_.pin(running_line(state));
    } else {
        show_plainly(state);
    }
}

void ConsoleProgress::show_plainly(const ProgressState& state) {
    const bool is_new = state.number != shown_step_;
    if (!is_new && state.step_elapsed - shown_at_ < plain_interval) return;
    shown_step_ = state.number;
    shown_at_ = state.step_elapsed;
    console_.print(running_line(state));
}

namespace {

/// Short work needs no bar.
constexpr std::chrono::seconds bar_delay{2};

}  // namespace

TerminalBar::TerminalBar(std::string step) : console_(STDERR_FILENO), progress_({{std::move(step)}}) {
    if (console_.kind() == Console::Kind::plain) return;
    progress_.add_listener([this](const ProgressState& state) {
        if (state.step_finished)
            console_.unpin();
        else if (state.step_elapsed >= bar_delay)
            console_.pin(running_line(state));
    });
    progress_.next_step();
}

TerminalBar::~TerminalBar() {
    progress_.finish();
}

}  // namespace mox::console
