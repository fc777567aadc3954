#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "base/progress.hpp"

namespace mox::console {

/// Prints lines for the user at the console. On a terminal one line can be pinned: it stays the last line and
/// is redrawn in place, and other lines scroll above it. May be used from any thread.
///
/// When the console is gone (closed pipe, unplugged serial adapter) a running mode goes on: output that
/// cannot be written is dropped.
class Console {
public:
    enum class Kind { terminal, plain };

    /// `fd` is not owned and outlives the console. The first form asks the kernel whether `fd` is a terminal.
    explicit Console(int fd);
    Console(int fd, Kind kind);
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    ~Console();

    [[nodiscard]] Kind kind() const { return kind_; }

    /// Prints a line (without its newline) above the pinned one.
    void print(std::string_view line);

    /// Shows `line` as the last line until the next pin() or unpin(). A line that is too long is cut at the
    /// edge of the terminal. Does nothing on a plain console.
    void pin(std::string_view line);
    void unpin();

private:
    void put(std::string_view text);

    int fd_;
    Kind kind_;
    std::mutex mutex_;
    std::string pinned_;
};

/// "[2/5] verify the medkit  [#######.............]  36%  78.1 MB of 215.3 MB  85.0 MB/s  1.6 s left"
[[nodiscard]] std::string running_line(const ProgressState& state);

/// "[2/5] verify the medkit: done, 215.3 MB in 2.5 s (85.0 MB/s)"
[[nodiscard]] std::string finished_line(const ProgressState& state);

/// Shows the steps of a mode: on a terminal a bar; elsewhere a line at the start and the end of each step,
/// and one every `plain_interval` in between.
class ConsoleProgress {
public:
    static constexpr std::chrono::seconds plain_interval{5};

    /// `console` outlives this object, and this object outlives the Progress that calls its listener.
    explicit ConsoleProgress(Console& console) : console_(console) {}

    [[nodiscard]] Progress::Listener listener();

private:
    void show(const ProgressState& state);
    void show_plainly(const ProgressState& state);

    Console& console_;
    std::size_t shown_step_ = 0;
    std::chrono::nanoseconds shown_at_{};
};

/// Shows a bar on a terminal (standard error) when work takes longer than two seconds, and removes it at the
/// end.
class TerminalBar {
public:
    explicit TerminalBar(std::string step);
    TerminalBar(const TerminalBar&) = delete;
    TerminalBar& operator=(const TerminalBar&) = delete;
    ~TerminalBar();

    [[nodiscard]] ByteProgress bytes() { return progress_.bytes(); }

private:
    Console console_;
    Progress progress_;
};

}  // namespace mox::console
