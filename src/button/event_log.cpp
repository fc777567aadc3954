#include "button/event_log.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace mox::button {

namespace {

std::string in_quotes(std::string_view value) {
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return text + "\"";
}

bool needs_quotes(std::string_view value) {
    return value.empty() || std::ranges::any_of(value, [](char c) {
               return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\';
           });
}

struct LevelWords {
    std::string_view name;
    std::string_view journal;  ///< syslog(3)'s number in angle brackets
};

LevelWords words_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return {"debug", "<7>"};
        case LogLevel::info:
            return {"info", "<6>"};
        case LogLevel::warning:
            return {"warning", "<4>"};
        case LogLevel::error:
            return {"error", "<3>"};
    }
    return {"error", "<3>"};
}

}  // namespace

std::string event_line(std::string_view event, std::initializer_list<Field> fields) {
    std::string line = "event=" + std::string(event);
    for (const auto& [name, value] : fields)
        line += " " + std::string(name) + "=" + (needs_quotes(value) ? in_quotes(value) : value);
    return line;
}

std::string seconds(Clock::duration duration) {
    const auto milliseconds =
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
    const auto padded =
        std::string(milliseconds.size() < 4 ? 4 - milliseconds.size() : 0, '0') + milliseconds;
    return padded.substr(0, padded.size() - 3) + "." + padded.substr(padded.size() - 3);
}

std::string EventLog::text_of(LogLevel level, std::string_view line) const {
    const auto words = words_of(level);
    const auto prefix = style_ == Style::journal ? words.journal : std::string_view{};
    return std::string(prefix) + "level=" + std::string(words.name) + " " + std::string(line) + "\n";
}

void EventLog::write(LogLevel level, std::string_view line) {
    if (queue_.size() == longest_queue) {
        queue_.pop_front();
        ++lost_;
    }
    queue_.push_back(text_of(level, line));
    flush();
}

void EventLog::flush() {
    while (!queue_.empty() && takes_a_line()) {
        if (lost_ > 0) {
            queue_.push_front(
                text_of(LogLevel::warning, event_line("lost", {{"lines", std::to_string(lost_)}})));
            lost_ = 0;
        }
        // A line that cannot be written has no other place to be told of.
        [[maybe_unused]] const auto written = ::write(fd_, queue_.front().data(), queue_.front().size());
        queue_.pop_front();
    }
}

bool EventLog::takes_a_line() {
    pollfd state{.fd = fd_, .events = POLLOUT, .revents = 0};
    const auto wait = stuck_ ? std::chrono::milliseconds(0) : patience;
    stuck_ = ::poll(&state, 1, static_cast<int>(wait.count())) <= 0;
    return !stuck_;
}

void EventLog::info(std::string_view event, std::initializer_list<Field> fields) {
    write(LogLevel::info, event_line(event, fields));
}

void EventLog::warning(std::string_view event, std::initializer_list<Field> fields) {
    write(LogLevel::warning, event_line(event, fields));
}

void EventLog::error(std::string_view event, std::initializer_list<Field> fields) {
    write(LogLevel::error, event_line(event, fields));
}

Log::Listener EventLog::listener(std::string_view name) {
    return [this, event = std::string(name)](const LogLine& line) {
        if (line.level != LogLevel::debug) write(line.level, event_line(event, {{"message", line.text}}));
    };
}

}  // namespace mox::button
