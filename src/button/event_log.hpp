#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/units.hpp"

namespace mox::button {

/// A field of an event: held=3.900.
struct Field {
    std::string_view name;
    std::string value;
};

/// `event=NAME field=value ...` (logfmt): values with blanks, quotes or `=` are quoted, so that programs can
/// parse the line.
[[nodiscard]] std::string event_line(std::string_view event, std::initializer_list<Field> fields);

/// "3.900": seconds to the millisecond.
[[nodiscard]] std::string seconds(Clock::duration duration);

/// Writes log lines of a daemon to a file such as standard error, each with one write. If the file accepts
/// nothing (a serial console is busy with other output), the first line waits `patience`; it and all further
/// lines are queued without delay, so that the button always works. flush() writes them. When the queue is
/// full, the oldest lines are dropped, and `event=lost lines=N` stands in their place.
class EventLog {
public:
    /// At 115,200 baud a console sends 1,150 characters in that time. A reset after a long press has 200 ms.
    static constexpr std::chrono::milliseconds patience{100};
    static constexpr std::size_t longest_queue = 64;

    enum class Style {
        plain,    ///< level=info event=...
        journal,  ///< <6>level=info event=..., see sd-daemon(3)
    };

    EventLog(int fd, Style style) : fd_(fd), style_(style) {}

    void info(std::string_view event, std::initializer_list<Field> fields = {});
    void warning(std::string_view event, std::initializer_list<Field> fields = {});
    void error(std::string_view event, std::initializer_list<Field> fields = {});

    /// For the log lines of other modules: each becomes an event `name` with the line as its message.
    [[nodiscard]] Log::Listener listener(std::string_view name);

    /// The descriptor that poll(2) has to wait for (POLLOUT) before flush() can write; -1: the queue is
    /// empty.
    [[nodiscard]] int waiting_fd() const { return queue_.empty() ? -1 : fd_; }

    /// Writes the queued lines until the file accepts no more.
    void flush();

private:
    [[nodiscard]] std::string text_of(LogLevel level, std::string_view line) const;
    void write(LogLevel level, std::string_view line);
    [[nodiscard]] bool takes_a_line();

    int fd_;
    Style style_;
    std::deque<std::string> queue_;
    std::size_t lost_ = 0;
    bool stuck_ = false;  ///< the file accepted nothing during `patience`, and nothing since
};

}  // namespace mox::button
