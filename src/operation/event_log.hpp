#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/units.hpp"

namespace mox::operation {

/// One thing that belongs to an event: held=3.900.
struct Field {
    std::string_view name;
    std::string value;
};

/// `event=NAME field=value ...` (logfmt): values with blanks, quotes or `=` are quoted, so that a line can be
/// read by people and taken apart by programs.
[[nodiscard]] std::string event_line(std::string_view event, std::initializer_list<Field> fields);

/// "3.900": seconds to the millisecond.
[[nodiscard]] std::string seconds(Clock::duration duration);

/// Where log lines of a daemon go: to a file such as standard error, each as one write. What nobody takes
/// away (a log daemon that hangs) is dropped: the button works whatever happens to its log.
class EventLog {
public:
    enum class Style {
        plain,    ///< level=info event=...
        journal,  ///< <6>level=info event=..., see sd-daemon(3)
    };

    EventLog(int fd, Style style) : fd_(fd), style_(style) {}

    void info(std::string_view event, std::initializer_list<Field> fields = {});
    void warning(std::string_view event, std::initializer_list<Field> fields = {});
    void error(std::string_view event, std::initializer_list<Field> fields = {});

    /// For what other rooms log in sentences: each becomes an event `name` with the sentence as its message.
    [[nodiscard]] Log::Listener listener(std::string_view name);

private:
    void write(LogLevel level, std::string_view line);

    int fd_;
    Style style_;
};

}  // namespace mox::operation
