#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace mox::test_support {

/// How a run of mox-button ended.
struct ButtonEnd {
    bool reset = false;   ///< it reset its machine: the PID namespace that it was given, not this computer
    int exit_status = 0;  ///< otherwise; 128 + signal when it was killed

    bool operator==(const ButtonEnd&) const = default;
};

/// The program mox-button as the only process of a PID namespace: reboot(2) ends the namespace (Linux answers
/// its parent with SIGHUP) and nothing else. Without a namespace it is not started at all. Needs root.
class ButtonRun {
public:
    /// Starts `program` with `--root root` and `more`. Throws when there can be no namespace.
    ButtonRun(const std::filesystem::path& program, const std::filesystem::path& root,
              const std::vector<std::string>& more = {});
    ButtonRun(const ButtonRun&) = delete;
    ButtonRun& operator=(const ButtonRun&) = delete;
    /// Kills it if it still runs.
    ~ButtonRun();

    /// Reads its log until a line has all of `words` in it, and returns that line; nothing when the log ends
    /// or the time is up.
    std::optional<std::string> wait_for(const std::string& words,
                                        std::chrono::milliseconds limit = std::chrono::seconds(10));
    /// Everything that was read.
    [[nodiscard]] const std::string& log() const { return log_; }
    /// Nobody reads its log any more.
    void close_log() { reading_.reset(); }

    /// Fills the pipe of its log with empty lines: it takes nothing until something is read.
    void fill_log() const;

    void signal(int number) const;
    /// Waits for its end, reading its log. Throws when the time is up.
    ButtonEnd wait_for_end(std::chrono::milliseconds limit = std::chrono::seconds(10));
    [[nodiscard]] bool is_running();

    /// A number of /proc/PID/status, such as "VmRSS" (in kB) or "voluntary_ctxt_switches".
    [[nodiscard]] long status(const std::string& name) const;
    [[nodiscard]] std::size_t open_files() const;
    /// The time for which a processor has worked for it. Source: Documentation/scheduler/sched-stats.rst of
    /// the kernel.
    [[nodiscard]] std::chrono::nanoseconds processor_time() const;
    /// Waits until it sleeps, and only an event can wake it: nothing is due any more.
    void wait_until_idle() const;

private:
    [[nodiscard]] bool waits_without_limit() const;
    bool read_more(std::chrono::steady_clock::time_point deadline);

    pid_t pid_ = -1;
    UniqueFd reading_;
    std::string log_;
    std::size_t taken_ = 0;  ///< of the log, by wait_for
    std::optional<ButtonEnd> end_;
};

}  // namespace mox::test_support
