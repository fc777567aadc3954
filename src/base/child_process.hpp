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

/// How a child process ended, and what it said.
struct ChildResult {
    int exit_status = 0;  ///< as a shell shows it: 128 + signal when it was killed
    std::string output;   ///< stdout and stderr as they came, at most the last 64 KiB

    [[nodiscard]] bool succeeded() const { return exit_status == 0; }
};

/// Runs a program and waits for its end. `argv[0]` is looked up in PATH; no shell is involved.
/// stdin is /dev/null. No signal is blocked in the child, and during a commit (base/interruption.hpp) none
/// that a terminal sends reaches it. A child that is not done after `time_limit` is killed, which is an
/// error.
///
/// Errors (`internal`): the program does not exist, or the time is up. A non-zero exit status is a result,
/// not an error.
[[nodiscard]] Expected<ChildResult> run_child(const std::vector<std::string>& argv,
                                              std::chrono::milliseconds time_limit);

/// Takes what a child says as it comes; an error ends the child and is handed up.
using ChildOutput = std::function<Expected<void>(std::string_view)>;

/// `run_child` for a program that may say more than is kept: answers its exit status alone.
[[nodiscard]] Expected<int> run_child_streaming(const std::vector<std::string>& argv,
                                                std::chrono::milliseconds time_limit,
                                                const ChildOutput& output);

/// Tells how far a child has come, in any words of its own: the number is the child's process id.
using ChildProgress = std::function<std::string(pid_t)>;

/// Runs a program that may take as long as it likes, as long as it gets on. It is killed when `progress` has
/// given the same answer for `longest_stall`. Errors (`kind`): that, and as run_child_successfully.
[[nodiscard]] Expected<void> run_child_while_it_gets_on(const std::vector<std::string>& argv,
                                                        std::chrono::milliseconds longest_stall,
                                                        const ChildProgress& progress, ErrorKind kind);

/// Runs a program that must succeed. Errors (`kind`): also when it does not, with the end of its output.
[[nodiscard]] Expected<void> run_child_successfully(const std::vector<std::string>& argv,
                                                    std::chrono::milliseconds time_limit, ErrorKind kind);

}  // namespace mox
