#pragma once

#include <functional>
#include <string_view>
#include <thread>

#include "base/unique_fd.hpp"

namespace mox {

/// Watches SIGINT, SIGTERM, SIGHUP and SIGQUIT of this process and does with them what base/interruption.hpp
/// says. SIGPIPE is ignored: a reader that goes away is an error of the write, never the end of the process.
/// One that is ignored already (nohup) stays ignored. Child processes see none of this (run_child).
///
/// Precondition: made in main before any other thread, one at a time.
class StopSignals {
public:
    struct Listener {
        /// In an Interruption: stop waiting. Called on a thread of its own, at most once.
        std::function<void()> stop{};
        /// A line for the user. Called on a thread of its own.
        std::function<void(std::string_view line)> say{};
    };

    explicit StopSignals(Listener listener);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

private:
    void watch();
    void handle(int signal);

    Listener listener_;
    bool stop_called_ = false;
    UniqueFd signals_;
    UniqueFd end_;
    std::thread watcher_;
};

/// Exit status of a process that a signal has stopped, as a shell shows it.
[[nodiscard]] int exit_status_of(int signal);

}  // namespace mox
