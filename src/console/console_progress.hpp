#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "base/progress.hpp"

namespace mox::console {

/// Lines for the person at the console. On a terminal one line can be pinned: it stays the last one and is
/// redrawn in place, while other lines scroll by above it. May be used from any thread.
///
/// A console that has gone away (closed pipe, unplugged serial adapter) is no reason to stop a running
/// mode: what cannot be shown is dropped.
class Console {
public:
    enum class Kind { terminal, plain };

    /// `fd` is not owned and outlives the console. The first form asks the kernel what `fd` is.
    explicit Console(int fd);
    Console(int fd, Kind kind);
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    ~Console();

    [[nodiscard]] Kind kind() const { return kind_; }

    /// Prints a line (without its newline) above the pinned one.
    void print(std::string_view line);

    /// Shows `line` as the last one until it is pinned anew or unpinned. Too long a line is cut at the edge
    /// of the terminal. Nothing happens on a plain console.
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

/// Shows the steps of a mode: a bar that is redrawn on a terminal; elsewhere a line at the start and the end
/// of each step, and one every `plain_interval` in between.
class ConsoleProgress {
public:
    static constexpr std::chrono::seconds plain_interval{5};

    /// `console` outlives this, and this outlives the progress that it listens to.
    explicit ConsoleProgress(Console& console) : console_(console) {}

    [[nodiscard]] Progress::Listener listener();

private:
    void show(const ProgressState& state);
    void show_plainly(const ProgressState& state);

    Console& console_;
    std::size_t shown_step_ = 0;
    std::chrono::nanoseconds shown_at_{};
};

/// A bar on a terminal (standard error) while something takes longer than two seconds; gone when it is done.
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
