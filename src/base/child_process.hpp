#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox {

/// Exit status and output of a child process.
struct ChildResult {
    int exit_status = 0;  ///< as a shell shows it: 128 + signal when it was killed
    std::string output;   ///< stdout and stderr in the order of arrival, at most the last 64 KiB

    [[nodiscard]] bool succeeded() const { return exit_status == 0; }
};

/// Runs a program and waits for its end. `argv[0]` is looked up in PATH; no shell is involved. stdin is
/// /dev/null. No signal is blocked in the child. During a commit (base/interruption.hpp) signals of the
/// terminal do not reach it. A child that is not done after `time_limit` is killed, which is an error.
///
/// Errors (`internal`): the program does not exist, or the time is up. A non-zero exit status is a result,
/// not an error.
[[nodiscard]] Expected<ChildResult> run_child(const std::vector<std::string>& argv,
                                              std::chrono::milliseconds time_limit);

/// Is called with each part of a child's output. An error ends the child and is returned to the caller.
using ChildOutput = std::function<Expected<void>(std::string_view)>;

/// As `run_child`, for a program with a long output. Returns its exit status only.
[[nodiscard]] Expected<int> run_child_streaming(const std::vector<std::string>& argv,
                                                std::chrono::milliseconds time_limit,
                                                const ChildOutput& output);

/// Returns a text that changes while the child makes progress. The argument is the child's process id.
using ChildProgress = std::function<std::string(pid_t)>;

/// Runs a program without a time limit as long as it makes progress. It is killed when `progress` has
/// returned the same text for `longest_stall`. Errors (`kind`): that, and as run_child_successfully.
[[nodiscard]] Expected<void> run_child_while_it_gets_on(const std::vector<std::string>& argv,
                                                        std::chrono::milliseconds longest_stall,
                                                        const ChildProgress& progress, ErrorKind kind);

/// Runs a program that must succeed. Errors (`kind`): as run_child, and an exit status other than 0, with the
/// end of the output.
[[nodiscard]] Expected<void> run_child_successfully(const std::vector<std::string>& argv,
                                                    std::chrono::milliseconds time_limit, ErrorKind kind);

}  // namespace mox
