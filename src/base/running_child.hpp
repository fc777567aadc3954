#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox {

/// How a child that runs in parallel is started.
struct ChildSetup {
    std::vector<std::string> argv;  ///< argv[0] is looked up in PATH; no shell is involved

    /// "NAME=value" each; empty: the environment of this process.
    std::vector<std::string> environment = {};

    /// A terminal: the child leads a new session with it as its controlling terminal, reads from it and
    /// writes to it, and so has job control. Empty: stdin is /dev/null.
    std::filesystem::path terminal = {};

    // Without a terminal: stdout and stderr of the child; -1 is /dev/null. Not owned.
    int output = -1;
    int errors = -1;

    /// The signal that asks the child to end, and how long it may take before it is killed.
    int stop_signal = SIGTERM;
    std::chrono::milliseconds stop_timeout{2000};
};

/// A child process that runs in parallel. At the end of the scope it is asked to end, killed if it does not,
/// and reaped.
class RunningChild {
public:
    /// Errors (`internal`): the program does not exist or may not be run, or the terminal cannot be opened.
    [[nodiscard]] static Expected<RunningChild> start(const ChildSetup& setup);

    RunningChild(RunningChild&& other) noexcept;
    RunningChild& operator=(RunningChild&& other) noexcept;
    RunningChild(const RunningChild&) = delete;
    RunningChild& operator=(const RunningChild&) = delete;
    ~RunningChild() { stop(); }

    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Becomes readable when the child has ended. Owned by this object.
    [[nodiscard]] int end_fd() const { return end_.get(); }

    /// Waits for the end. Returns the exit status as a shell shows it: 128 + signal when it was killed.
    /// Further calls return the same.
    int reap();

    /// Asks the child to end, kills it if it does not, and reaps it. Does nothing when it is reaped already.
    void stop();

private:
    RunningChild(pid_t pid, UniqueFd end, int stop_signal, std::chrono::milliseconds stop_timeout)
        : pid_(pid), end_(std::move(end)), stop_signal_(stop_signal), stop_timeout_(stop_timeout) {}

    pid_t pid_ = -1;  ///< -1: reaped
    UniqueFd end_;
    int stop_signal_ = SIGTERM;
    std::chrono::milliseconds stop_timeout_{};
    int status_ = 0;
};

}  // namespace mox
