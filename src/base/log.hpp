#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox {

enum class LogLevel { debug, info, warning, error };

struct LogLine {
    std::chrono::system_clock::time_point at;  ///< wall clock: wrong on a router without network
    std::chrono::nanoseconds since_start{};    ///< monotonic
    LogLevel level = LogLevel::info;
    std::string text;
};

/// "[   12.345] warning: ...", as in the log file.
[[nodiscard]] std::string to_text(const LogLine& line);

/// The log of the program. It is kept in memory until a mode stores it on the card. Each line also goes to
/// the listeners, in order, on the thread that logged it. May be used from any thread.
class Log {
public:
    using Listener = std::function<void(const LogLine&)>;

    /// The log keeps the newest `lines_kept` lines and up to as many older ones.
    explicit Log(std::size_t lines_kept = 4000);

    void add_listener(Listener listener);

    void debug(std::string_view text) { add(LogLevel::debug, text); }
    void info(std::string_view text) { add(LogLevel::info, text); }
    void warning(std::string_view text) { add(LogLevel::warning, text); }
    void error(std::string_view text) { add(LogLevel::error, text); }

    /// The headline of `failure`, and its hint on a line of its own.
    void error(const Error& failure);

    /// All kept lines, one per line, oldest first.
    [[nodiscard]] std::string text() const;

private:
    void add(LogLevel level, std::string_view text);

    std::size_t lines_kept_;
    mutable std::mutex mutex_;
    std::chrono::steady_clock::time_point start_;
    std::vector<LogLine> lines_;
    std::vector<Listener> listeners_;
};

}  // namespace mox
